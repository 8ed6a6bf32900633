"""The pages that a person wants of a catalog: on top of Datasette's tables, under `/DB/-/`."""
