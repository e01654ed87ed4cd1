"""What is stored from the start."""
