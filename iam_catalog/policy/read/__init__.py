"""Find policies in files of many kinds, and read their statements."""
