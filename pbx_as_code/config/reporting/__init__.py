"""Plans and drift as texts, JSON and pages."""
