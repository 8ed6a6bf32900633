"""Answer assistants from the catalog, by the Model Context Protocol (MCP).

Called so because a package `mcp` beside the SDK of that name would be mistaken for it. Needs the
extra `iam-catalog[mcp]`; `live`, `answers` and `parameters` do without.
"""
