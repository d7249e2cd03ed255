"""Hashed, compressed static files whose ES modules may import each other by name."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):
    """Rewrites `import ... from "./x.js"` to the hashed name, so that modules need no bundler."""

    support_js_module_import_aggregation = True
    # Our own modules only: scripts of installed packages name modules that are not files here.
    _js_module_import_aggregation_patterns = ("js/*.js", CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1])
