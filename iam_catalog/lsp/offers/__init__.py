"""List what can be typed at a place of a policy, one module for each kind of place."""
