"""The page of a subject: image, reveal panel, tags, discussion, what the machine found, links to the sky."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

import archive.selectors
import classify.selectors
import classify.services
import ml.selectors
import talk.selectors
from classify.visitors import volunteer_of

QUICK_TAGS = ("satellite", "gravitational_lens", "cosmic_ray", "diffraction_spike", "galaxy", "ghost")  # one tap each, after a vote


@require_safe
def subject(request: HttpRequest, public_id: int) -> HttpResponse:
    """Show a subject; what others said of it only where it is finished, or once this person opened it.

    Whoever has voted on a finished one and looks at it here knows what others said: the vote is final from then on.
    """
    context = _context(request, public_id)
    volunteer = volunteer_of(request, create=False)
    if context["may_see"] and volunteer is not None and classify.selectors.has_voted(volunteer, context["subject"]):
        classify.services.reveal(volunteer=volunteer, root=context["subject"], now=timezone.now())
    return render(request, "hunter/subject.html", context)


@require_POST
def reveal(request: HttpRequest, public_id: int) -> HttpResponse:
    """Open the hidden part for this person for ever: a vote they gave is final, and they are not asked to classify the subject any more."""
    classify.services.reveal(volunteer=volunteer_of(request, create=True), root=_found(public_id), now=timezone.now())
    if request.headers.get("HX-Request"):  # the classify page, which shows it beside the next subject
        return render(request, "hunter/_after.html", _after(request, public_id))
    return HttpResponseRedirect(reverse("subject", args=[public_id]))


def _after(request: HttpRequest, public_id: int) -> dict[str, Any]:
    """What is told right after a vote. A trail that was drawn into an image is shown in that image, not in the one beneath."""
    context = {**_context(request, public_id), "quick_tags": QUICK_TAGS}
    made = _found(public_id)
    if made.root_id and context.get("known"):
        cutouts = classify.selectors.cutouts_of(made)
        trails = [frame["trails"] for frame in context["frames"]]
        context["frames"] = [archive.selectors.frame_payload(cutout) | {"trails": drawn} for cutout, drawn in zip(cutouts, trails, strict=False)]
    return context


def _found(public_id: int) -> Any:
    found = classify.selectors.subject_by_public_id(public_id)
    if found is None:
        raise Http404(f"There is no subject {public_id}.")
    return found


def _context(request: HttpRequest, public_id: int) -> dict[str, Any]:
    volunteer = volunteer_of(request, create=False)
    root = classify.selectors.shown_as(volunteer, _found(public_id))
    may_see = classify.selectors.may_see(volunteer, root)
    cutouts = classify.selectors.cutouts_of(root)
    context: dict[str, Any] = {
        "subject": root,
        "may_see": may_see,
        "has_voted": not may_see and classify.selectors.has_voted(volunteer, root),
        "frames": [archive.selectors.frame_payload(cutout) for cutout in cutouts],
        "facts": [facts_of(cutout) for cutout in cutouts],
        "sky_links": sky_links(cutouts[0] if cutouts else None),
    }
    context |= talk.selectors.subject_context(root, volunteer)
    context |= talk.selectors.collecting_context(root, volunteer)
    if may_see:
        rows = classify.selectors.consensus_of(root)
        words = classify.selectors.words_by_workflow(row.workflow for row in rows)
        context["consensus"] = [_named(row, words[row.workflow_id]) for row in rows]
        context["known"] = _known(volunteer, root)
        context["detections"] = ml.selectors.detections_for([cutout.pk for cutout in cutouts])
        for position, (cutout, frame) in enumerate(zip(cutouts, context["frames"], strict=True)):
            frame["trails"] = _trails(position, cutout.pk, rows, context["detections"])
        if context["frames"]:
            context["frames"][0]["trails"] += _truths(context["known"])
    return context


def _known(volunteer: Any, root: Any) -> list[dict[str, Any]]:
    """Answers that were known beforehand and were told to this person, by the names that people know."""
    keys = classify.selectors.known_answers(volunteer, root)
    if not keys:
        return []
    words = classify.selectors.words_by_workflow(key["workflow"] for key in keys)
    named = [(key, words[key["workflow"].pk]) for key in keys]
    return [{**key, "workflow": said.name, "label": said.labels.get(key["answer"], key["answer"])} for key, said in named]


def _truths(known: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Double lines where the trails are, of known answers: one line over the other."""
    ends = [[(mark["x1"], mark["y1"]), (mark["x2"], mark["y2"])] for key in known for mark in key["marks"]]
    return [{"kind": kind, "points": points} for points in ends for kind in ("truth-casing", "truth-core")]


def _named(row: Any, words: Any) -> dict[str, Any]:
    """A consensus with the answers by the names that people know."""
    names = words.labels
    return {
        "workflow": words.name,
        "label_name": names.get(row.label, row.label),
        "n_votes": row.n_votes,
        "settled": row.settled,
        "answers": [{"label": label, "n": row.counts.get(key, 0)} for key, label in names.items()],
    }


def _trails(position: int, cutout_id: int, consensus: list[Any], detections: list[Any]) -> list[dict[str, Any]]:
    """Lines over one frame: what people marked on it, and what the machine found."""
    marked = [trail for row in consensus for trail in row.trails.all() if trail.frame == position]
    people = [{"kind": "people", "points": [(t.x1, t.y1), (t.x2, t.y2)]} for t in marked]
    return people + [{"kind": "machine", "points": found["points"]} for found in detections if found["cutout"] == cutout_id]


def facts_of(cutout: Any) -> dict[str, Any]:
    """What is known of the observation behind a cutout, for people."""
    exposure = cutout.plane.exposure
    names = ("observation_id", "instrument", "detector", "filter", "start", "exposure_time_s", "target_name", "proposal_id", "simulated")
    facts = {name: getattr(exposure, name) for name in names}
    return facts | {name: getattr(cutout, name) for name in ("ra_deg", "dec_deg", "pixel_scale_arcsec")}


def sky_links(cutout: Any) -> list[dict[str, str]]:
    """Return links to the same place in other services; empty for pictures without sky coordinates and for the simulated sky."""
    if cutout is None or cutout.ra_deg is None or cutout.plane.exposure.simulated:
        return []
    ra, dec = f"{cutout.ra_deg:.6f}", f"{cutout.dec_deg:.6f}"
    observation = cutout.plane.exposure.observation_id
    links = [
        ("ESASky", f"https://sky.esa.int/esasky/?target={ra}%20{dec}&hips=DSS2+color&fov=0.1&cooframe=J2000"),
        ("Aladin Lite", f"https://aladin.cds.unistra.fr/AladinLite/?target={ra}%20{dec}&fov=0.1"),
        ("SIMBAD", f"https://simbad.cds.unistra.fr/simbad/sim-coo?Coord={ra}+{dec}&Radius=2&Radius.unit=arcmin"),
        ("NED", f"https://ned.ipac.caltech.edu/conesearch?in_csys=Equatorial&in_equinox=J2000&coordinates={ra}d%20{dec}d&radius=1"),
    ]
    if cutout.plane.exposure.survey == "hst":
        links.append(("eHST", f"https://hst.esac.esa.int/ehst/#/pages/search;observation={observation}"))
    return [{"name": name, "href": href} for name, href in links]
