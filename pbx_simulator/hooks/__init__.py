"""What entity sets do in ways of their own: each module registers hooks for the sets it is about (see registry)."""
