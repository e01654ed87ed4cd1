"""Objects that exist from the start."""
