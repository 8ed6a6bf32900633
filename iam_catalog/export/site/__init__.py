"""A copy of the site without a server: the same pages as files, with a search of its own.

`writing.write_site` is the way in. `places` says in which file a page stands, `urls` how pages
link there, `chosen` what there are pages of, `pages` renders them with the models and templates of
the site, and `search_index` writes what `static/search-static.js` searches.
"""
