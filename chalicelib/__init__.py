"""The service: what Afterword is and does; everything here ships to Lambda."""
