"""What goes wrong, for which requests, and when."""
