"""Taking over into existing files what a PBX has: edits of their text that keep comments, order and spelling."""
