"""The command line, a group of commands in each file."""
