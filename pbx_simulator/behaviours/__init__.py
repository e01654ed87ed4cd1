"""Behaviour of operations: entities by the schema alone, functions and actions by name."""
