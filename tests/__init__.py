"""What Afterword promises, as tests."""
