"""Compare a new catalog with the one it is to replace, and refuse losses."""
