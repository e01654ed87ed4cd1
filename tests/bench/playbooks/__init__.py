"""Playbooks and the tasks in them: on one PBX, on many, and on growing numbers of items and hosts."""
