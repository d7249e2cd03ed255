"""One factory per row that tests need, with physical defaults. Keyword arguments overwrite any field.

    flow = workflow(count=3)
    shown = subject(workflow=flow)              # a pool subject with one ready frame, active in `flow`
    vote(subject=shown, workflow=flow, answer="yes", marks=[(10, 20, 90, 40)])

Votes go through the service, so tally, consensus and retirement follow.
"""

import io
import itertools
import random
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
from django.contrib.auth import get_user_model
from PIL import Image

from archive.models import Cutout, Exposure, Plane
from classify.models import GoldKey, Subject, SubjectFrame, SubjectStatus, Volunteer, Workflow, WorkflowVersion
from core import files, identity

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PASSWORD = "a-long-test-password"
_numbers = itertools.count(1)


def user(**fields: Any) -> Any:
    """A signed-up person; `permissions=["app.codename", ...]` grants some. Sign in with PASSWORD."""
    from django.contrib.auth.models import Permission

    number, wanted = next(_numbers), fields.pop("permissions", [])
    made = get_user_model().objects.create_user(**{"username": f"user{number}", "password": PASSWORD, **fields})
    for name in wanted:
        app, codename = name.split(".")
        made.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return made


def volunteer(**fields: Any) -> Volunteer:
    """A person who classifies; `user=` ties it to an account."""
    defaults = {"public_id": identity.random_name(), "kind": Volunteer.Kind.PERSON, "created_at": NOW}
    return Volunteer.objects.create(**{**defaults, **fields})


# --- archive -------------------------------------------------------------------------------------


def exposure(**fields: Any) -> Exposure:
    """A drizzled ACS/WFC exposure of 2100 x 2100 px at 0.1 arcsec, already cut."""
    number = next(_numbers)
    start = datetime(2011, 5, 4, 6, 0, tzinfo=UTC) + timedelta(hours=number)
    mjd = 55685.25 + number / 24
    defaults: dict[str, Any] = {
        "survey": "sim", "observation_id": f"j{number:05d}010", "product": "drc", "kind": Exposure.Kind.SINGLE, "visit": f"j{number:05d}",
        "instrument": "ACS", "detector": "WFC", "filter": "F606W", "filters_raw": {"FILTER1": "F606W", "FILTER2": "CLEAR2L"},
        "start": start, "end": start + timedelta(seconds=500), "start_mjd": mjd, "end_mjd": mjd + 500 / 86400, "exposure_time_s": 500.0,
        "ra_deg": 150.1, "dec_deg": 2.2, "pixel_scale_arcsec": 0.1, "photflam": 7.86e-20, "photplam": 5921.0, "zero_point_ab_mag": 26.49,
        "bunit": "ELECTRONS/S", "target_name": "ANY", "proposal_id": "12345", "credit": "NASA/ESA/STScI", "licence": "CC BY 4.0",
        "simulated": True, "source": f"/data/j{number:05d}010_drc.fits", "checksum": f"{number:064x}", "size_bytes": 17_640_000,
        "state": Exposure.State.CUT, "created_at": NOW,
    }  # fmt: skip
    return Exposure.objects.create(**{**defaults, **fields})


def plane(*, exposure: Exposure | None = None, **fields: Any) -> Plane:
    """The one science extension of an exposure, with a square footprint."""
    parent = exposure or globals()["exposure"]()
    half = 2100 * 0.1 / 3600 / 2
    ra, dec = parent.ra_deg or 150.1, parent.dec_deg or 2.2
    defaults: dict[str, Any] = {
        "exposure": parent, "index": 1, "name": "SCI,1", "width": 2100, "height": 2100, "has_wcs": True, "pixel_scale_arcsec": 0.1,
        "ra_deg": ra, "dec_deg": dec, "footprint": _square(ra, dec, half),
    }  # fmt: skip
    return Plane.objects.create(**{**defaults, **fields})


def cutout(*, plane: Plane | None = None, exposure: Exposure | None = None, images: bool = True, **fields: Any) -> Cutout:
    """A quadrant of a plane: a real JPEG preview and a real 16-bit PNG lie in the storage. `images=False`: none yet."""
    parent = plane or globals()["plane"](exposure=exposure)
    taken = parent.cutouts.count()
    width, height = fields.get("width", 256), fields.get("height", 256)
    ra, dec = parent.ra_deg or 150.1, parent.dec_deg or 2.2
    defaults: dict[str, Any] = {
        "plane": parent, "x0": 250 * taken, "y0": 0, "box_width": width, "box_height": height, "bin": 1, "width": width, "height": height,
        "pixel_scale_arcsec": 0.1, "ra_deg": ra, "dec_deg": dec, "footprint": _square(ra, dec, width * 0.1 / 3600 / 2),
        "sky_level": 0.05, "sky_sigma": 0.004, "valid_fraction": 1.0, "stretch": {"version": 1}, "created_at": NOW,
    }  # fmt: skip
    if images:
        preview, pixels = _images(width, height)
        defaults["preview_key"] = files.put(preview, files.new_key("jpg"))
        defaults["thumbnail_key"] = defaults["preview_key"]
        defaults["pixels_key"] = files.put(pixels, files.new_key("png"))
        defaults["pixels_state"] = Cutout.State.READY
    return Cutout.objects.create(**{**defaults, **fields})


def _square(ra: float, dec: float, half: float) -> list[list[float]]:
    return [[ra + half, dec + half], [ra - half, dec + half], [ra - half, dec - half], [ra + half, dec - half]]  # top left, then clockwise


@lru_cache(maxsize=8)
def _images(width: int, height: int) -> tuple[bytes, bytes]:
    """Noise of one sky sigma: an 8-bit JPEG and a 16-bit PNG."""
    noise = np.random.default_rng(1).normal(size=(height, width))
    preview, pixels = io.BytesIO(), io.BytesIO()
    Image.fromarray(np.clip(60 + 20 * noise, 0, 255).astype(np.uint8)).save(preview, "JPEG")
    Image.fromarray(np.clip(4096 + 8 * noise, 1, 65535).astype(np.uint16)).save(pixels, "PNG")
    return preview.getvalue(), pixels.getvalue()


# --- classify ------------------------------------------------------------------------------------

STEPS: dict[str, Any] = {
    "first": "T0",
    "steps": {
        "T0": {
            "type": "single",
            "question": "Is there an asteroid trail visible in the images?",
            "answers": [
                {"key": "yes", "label": "Yes", "next": "T1"},
                {"key": "no", "label": "No", "next": ""},
                {"key": "impossible", "label": "Impossible to tell", "next": ""},
            ],
        },
        "T1": {"type": "segment", "instruction": "Mark both ends of the trail.", "max": 5, "next": ""},
    },
}


def workflow(*, count: int = 10, steps: dict[str, Any] | None = None, policy: dict[str, Any] | None = None, **fields: Any) -> Workflow:
    """A live blind workflow with version 1.0 that retires after `count` votes."""
    number = next(_numbers)
    purpose = {"training": "training", "classify": "search", "review": "review"}.get(fields.get("slug", ""), "")
    defaults = {"slug": f"flow-{number}", "name": f"Workflow {number}", "purpose": purpose, "audit_fraction": 0.05, "created_at": NOW}
    made = Workflow.objects.create(**{**defaults, **fields})
    rule = {"rule": "fractions", "count": count, "min_votes": min(3, count) or 1, "positive": ["yes"], **(policy or {})}
    made.current_version = WorkflowVersion.objects.create(workflow=made, major=1, minor=0, steps=steps or STEPS, policy=rule, created_at=NOW)
    made.save(update_fields=["current_version"])
    return made


def subject(*, workflow: Workflow | None = None, cutout: Cutout | None = None, **fields: Any) -> Subject:
    """A ready pool subject of one frame; active in `workflow` if one is given."""
    frame = cutout or globals()["cutout"]()
    defaults = {
        "public_id": identity.random_number(), "kind": Subject.Kind.POOL, "origin": f"cutout:{frame.pk}", "ready": True, "created_at": NOW,
    }  # fmt: skip
    made = Subject.objects.create(**{**defaults, **fields})
    SubjectFrame.objects.create(subject=made, position=0, cutout=frame)
    if workflow:
        status(subject=made, workflow=workflow)
    return made


def find(*, workflow: Workflow | None = None, points: list[list[float]] | None = None, root: Subject | None = None, **fields: Any) -> Subject:
    """A machine's find on a pool subject (`root`), with one suggested trail."""
    parent = root or subject()
    line = points or [[20.0, 30.0], [100.0, 60.0]]
    (x1, y1), (x2, y2) = line[0], line[-1]
    trail = {"id": "t1", "klass": "asteroid", "score": 0.9, "points": line, "x1": x1, "y1": y1, "x2": x2, "y2": y2}
    defaults = {"kind": Subject.Kind.FIND, "origin": f"find:{next(_numbers)}", "root": parent, "suggestions": [trail]}
    return subject(workflow=workflow, cutout=parent.frames.get().cutout, **{**defaults, **fields})


def status(*, subject: Subject, workflow: Workflow, **fields: Any) -> SubjectStatus:
    """The state of a subject in a workflow: active, in no audit arm."""
    defaults = {"lot": 0.999, "shuffle": random.random(), "pooled_at": NOW}
    return SubjectStatus.objects.create(subject=subject, workflow=workflow, **{**defaults, **fields})


def gold(*, workflow: Workflow, answer: str = "yes", marks: list[dict[str, float]] | None = None, **fields: Any) -> Subject:
    """A subject of `workflow` with a known answer, entered through the service."""
    from classify import services

    shown = subject(**fields)
    services.add_gold(workflow=workflow, subject=shown, answer=answer, marks=marks or [], explanation="A trail curves.", source="test", now=NOW)
    return shown


def gold_key(*, workflow: Workflow, subject: Subject, **fields: Any) -> GoldKey:
    """The bare key row."""
    return GoldKey.objects.create(workflow=workflow, subject=subject, **{"answer": "yes", "source": "test", **fields})


def vote(
    *,
    subject: Subject,
    workflow: Workflow,
    answer: str = "no",
    volunteer: Volunteer | None = None,
    marks: list[tuple[float, float, float, float]] | None = None,
    now: datetime = NOW,
    **fields: Any,
) -> Any:
    """A vote through the service; returns its receipt. `marks` are (x1, y1, x2, y2) in cutout pixels."""
    from classify import services

    drawn = [{"frame": 0, "x1": x1, "y1": y1, "x2": x2, "y2": y2} for x1, y1, x2, y2 in marks or []]
    body = {"id": identity.random_uuid(), "workflow": workflow.slug, "subject": subject.public_id, "answer": answer, "marks": drawn, **fields}
    return services.record_classification(volunteer=volunteer or globals()["volunteer"](), body=body, now=now)
