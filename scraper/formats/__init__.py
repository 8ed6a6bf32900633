"""Read the formats that AWS has published its pages in."""
