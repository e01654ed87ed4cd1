"""The command `threecx`."""
