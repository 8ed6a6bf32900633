"""Declare the tables and views of `catalog.db`, one file for each group."""
