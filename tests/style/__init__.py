"""Checks that the project's prose is plain English: see `texts` for what is read and `riddles` for what is refused."""
