"""Turn AWS's service authorization pages into `catalog.db`: run as `python -m scraper`.

One pipe, a stage per module: `sources` (files on disk) -> `markdown_page` (headings and
tables) -> `parse` (a `ServicePage` in the page's own words) -> `normalise` (rows of the
catalog) -> `store` (the database). Only `sources` and `store` touch the disk.
"""
