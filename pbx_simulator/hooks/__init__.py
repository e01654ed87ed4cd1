"""Behaviour specific to entity sets: each module registers hooks for some sets (see registry)."""
