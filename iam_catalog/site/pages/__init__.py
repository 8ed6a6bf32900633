"""Pages of the site, a file each: its model, how it is shown, and its `PAGE`.

A new page is a file here with a `PAGE`, and a template: nothing else names it.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

from iam_catalog.site.render import SitePage

PAGES: tuple[SitePage, ...] = tuple(
    import_module(f"{__name__}.{found.name}").PAGE for found in pkgutil.iter_modules(__path__)
)
"""Every page, by the name of its file. No address fits two of them."""
