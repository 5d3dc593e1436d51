"""The documents are true: their examples run, and each thing they describe exists."""
