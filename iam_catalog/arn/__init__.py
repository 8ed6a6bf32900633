"""ARNs of policies beside the ARN formats of the catalog: the one engine that every question asks.

`pattern` compares texts with wildcards, `format` reads AWS's ARN formats, `fit` lays an ARN over a
format, and `match` tells which resource types an ARN can be.
"""
