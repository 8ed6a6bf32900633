"""AWS's grammar of policies, which needs no catalog."""
