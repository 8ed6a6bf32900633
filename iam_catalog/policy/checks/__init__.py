"""The checks of policies against a catalog, a group of findings in each file.

A check gets statements whose actions and resources were read once (`items`) and gives findings
whose paths start at the root of the policy.
"""
