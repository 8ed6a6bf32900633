"""Pages of the site, for any server or none: what a page shows, as JSON and as HTML.

`pages` has a file for each page, with what it asks of the catalog and how it is shown; `render`
makes its JSON and its HTML, `urls` the addresses in it, and `request` reads what it is asked.
Needs jinja2 alone. `datasette_plugin` serves the pages, `export.site` writes them as files.
"""
