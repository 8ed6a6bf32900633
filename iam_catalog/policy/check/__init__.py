"""Check policies against a catalog."""
