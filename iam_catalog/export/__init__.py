"""Exports of a catalog: folders of JSON, CSV or Parquet files for programs that read no SQLite.

`writing.write_export` is the way in. `tables` says what is exported and of which type it is,
`content` reads it, one module for each kind of files writes it, `package` describes it, and
`folder` puts it into place, whole or not at all.
"""

from __future__ import annotations

SCHEMA_VERSION = 2
"""Of the exports, apart from that of `catalog.db`. It rises when a file, table, column or field is
renamed or removed, or changes its type or meaning; an addition leaves it as it is."""
