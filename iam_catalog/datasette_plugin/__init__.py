"""The plugin of Datasette that shows catalogs: their pages, links to names, freshness, live update.

Datasette loads this in every site of its environment. A database that does not carry the
catalog's application id is left exactly as it is. With a version of Datasette that it does not
know, the plugin steps aside. A package, because Datasette finds the templates of nothing else.
"""

from __future__ import annotations

from iam_catalog.datasette_plugin import versions

if versions.IS_KNOWN:
    from iam_catalog.datasette_plugin.assistants import (
        register_mcp_tools as register_mcp_tools,
    )
    from iam_catalog.datasette_plugin.hooks import (
        asgi_wrapper as asgi_wrapper,
    )
    from iam_catalog.datasette_plugin.hooks import (
        extra_js_urls as extra_js_urls,
    )
    from iam_catalog.datasette_plugin.hooks import (
        handle_exception as handle_exception,
    )
    from iam_catalog.datasette_plugin.hooks import (
        prepare_connection as prepare_connection,
    )
    from iam_catalog.datasette_plugin.hooks import (
        prepare_jinja2_environment as prepare_jinja2_environment,
    )
    from iam_catalog.datasette_plugin.hooks import (
        register_routes as register_routes,
    )
    from iam_catalog.datasette_plugin.hooks import (
        render_cell as render_cell,
    )
    from iam_catalog.datasette_plugin.hooks import (
        skip_csrf as skip_csrf,
    )
    from iam_catalog.datasette_plugin.hooks import (
        startup as startup,
    )
else:
    from iam_catalog.datasette_plugin.step_aside import (
        prepare_jinja2_environment as prepare_jinja2_environment,
    )
    from iam_catalog.datasette_plugin.step_aside import (
        startup as startup,
    )
