"""Static files with a hash in their names, compressed once when collected."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Storage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Also rewrites the imports between our JavaScript modules, so that each carries its hash."""

    support_js_module_import_aggregation = True
