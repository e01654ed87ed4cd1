"""Plans of changes: comparing, ordering, consent, and how a plan is kept."""
