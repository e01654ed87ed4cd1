"""Parts of the checks that need no PBX: what can be there only once, ranges, hours and holidays."""
