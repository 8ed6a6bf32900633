"""Answer editors, by the Language Server Protocol, from the functions that the commands ask.

Needs the extra `iam-catalog[lsp]`; only `server` imports pygls. What is typed half is scanned by
`scan`, which never refuses a text; findings come from the readers and rules of `check`.
"""
