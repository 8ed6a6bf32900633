"""What tells a catalog from other databases: apart from the schema, so that opening is cheap."""

from __future__ import annotations

VERSION = 13
"""Raised with every change that a reader can notice; kept in `PRAGMA user_version`."""

DIGEST = "cc39606ead007444"
"""The first 16 digits of the SHA-256 of the DDL of that version: a test compares them."""

APPLICATION_ID = 0x49414D43
"""The letters IAMC, kept in `PRAGMA application_id`: tells a catalog from other databases."""
