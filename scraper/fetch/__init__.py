"""Fetch AWS's pages of today."""
