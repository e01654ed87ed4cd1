"""Checks of Ansible Galaxy and its tools."""
