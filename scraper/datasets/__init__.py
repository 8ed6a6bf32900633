"""Read public datasets as sources."""
