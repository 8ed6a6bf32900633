"""Write the site as files that need no server: the same pages, with a search of its own.

`writing.write_site` is the way in. `places` names the file of a page, `urls` links
there, `pages` renders the pages of `iam_catalog.site`, and `search_index` writes what
`static/search-static.js` searches.
"""
