"""Policies: read out of documents, checked against the catalog, explained, completed, written."""
