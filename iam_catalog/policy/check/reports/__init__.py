"""Print findings in the formats of other tools."""
