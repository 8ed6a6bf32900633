"""The rules of a check."""
