"""One module per command of `threecx`, imported when the command is used."""
