"""Scan texts that are being typed, into trees with the place of every part.

The readers of `iam_catalog.policy.read` refuse a text with a fault, as a check should. Here the
reverse is asked: a scan never fails, and finds as much as it can of a text that lacks quotation
marks, brackets and commas. What a tree says is used for places, completion and hover alone.
"""
