"""Export a catalog as a folder of JSON, CSV or Parquet files, for programs that read no SQLite.

`writing.write_export` is the way in. `tables` says what is exported and of which type it is,
`content` reads it through `facts.exported`, one module for each kind of files writes it, `package`
describes it, and `folder` puts it into place, whole or not at all.
"""

from __future__ import annotations

SCHEMA_VERSION = 2
"""Version of the form of exports, apart from that of `catalog.db`. It rises when a file, table,
column or field is renamed or removed, or changes its type or meaning; not with an addition."""
