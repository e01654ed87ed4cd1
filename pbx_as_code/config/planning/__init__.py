"""Plans: comparing files with a PBX, ordering operations, consent to removals, reports and plan files."""
