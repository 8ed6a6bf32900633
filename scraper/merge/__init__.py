"""Merge pages of many dates into the rows of a catalog, and store them."""
