"""Explain policies in plain words."""
