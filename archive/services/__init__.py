"""Writes of the room. Its functions are also reached as `archive.services.<name>`; they load numpy and astropy when first used."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from archive.services.cutouts import CutReport as CutReport
    from archive.services.cutouts import cut_exposure as cut_exposure
    from archive.services.encoding import encode_cutout as encode_cutout
    from archive.services.encoding import encode_exposure as encode_exposure
    from archive.services.exposures import Report as Report
    from archive.services.exposures import ingest_path as ingest_path
    from archive.services.images import store_image as store_image
    from archive.services.states import cut_again as cut_again
    from archive.services.states import retry_failed as retry_failed
    from archive.services.uploads import store_uploaded_image as store_uploaded_image

_HOMES = {
    "CutReport": "cutouts",
    "Report": "exposures",
    "cut_again": "states",
    "cut_exposure": "cutouts",
    "encode_cutout": "encoding",
    "encode_exposure": "encoding",
    "ingest_path": "exposures",
    "retry_failed": "states",
    "store_image": "images",
    "store_uploaded_image": "uploads",
}


def __getattr__(name: str) -> Any:
    """Find a service in its own file (PEP 562), so that a web process that only retries something stays light."""
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(importlib.import_module(f"archive.services.{_HOMES[name]}"), name)
