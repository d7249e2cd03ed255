"""Hashed, compressed static files whose ES modules may import each other by name."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):
    """Rewrites `import ... from "./x.js"` to the hashed name, so that modules need no bundler."""

    support_js_module_import_aggregation = True
