"""Programs that maintain the checkout itself; `make` runs them."""
