"""What goes wrong, and what must hold all the same."""
