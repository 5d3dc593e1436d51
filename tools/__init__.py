"""What runs on the owner's machine and is never shipped to Lambda."""
