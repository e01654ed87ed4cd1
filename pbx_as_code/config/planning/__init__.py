"""Make a PBX match its files: compare, order, confirm, and show and store a plan."""
