"""Desired state for 3CX phone systems: one object at a time. It does not know Ansible."""
