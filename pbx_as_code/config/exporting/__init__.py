"""Steps from the objects of a PBX to the text of files."""
