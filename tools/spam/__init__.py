"""What makes the prior that ships: texts, vectors, training."""
