"""One service authorization page: its tables and rows, and what they state."""
