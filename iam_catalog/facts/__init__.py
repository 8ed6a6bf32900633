"""What the catalog knows, asked with SQL and answered with records."""
