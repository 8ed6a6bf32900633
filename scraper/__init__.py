"""Turn AWS's service authorization pages into `catalog.db`: run as `python -m scraper`.

One pipe, a room for each stage: `sources` (files on disk) -> `formats` and `page` (a `ServicePage`
in the page's own words), or `datasets` -> `merge` (facts with dates, then rows) -> `guards` (a
comparison with the catalog before). `docs/dev/architecture.md` shows it. Only `fetch` may use the
network.
"""
