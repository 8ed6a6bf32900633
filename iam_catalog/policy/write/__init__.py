"""Write and complete policies."""
