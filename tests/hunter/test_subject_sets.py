"""Sets of subjects: made and filled by page and command from lists, tags, collections and answers, and asked about by workflows."""

import io
import random
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from classify import services as classify
from classify.models import SubjectSet, SubjectStatus, Workflow
from classify.services import workflows as lab
from core.models import AuditEntry
from talk import services as talk
from talk.seeds import seed_boards
from tests import factories as f
from tests.factories import NOW, STEPS
from tests.talk.conftest import person, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss() -> Client:
    client = Client()
    client.force_login(f.user(username="boss", permissions=["classify.change_workflow"]))
    return client


def members(slug: str) -> set[int]:
    return set(SubjectSet.objects.get(slug=slug).members.values_list("subject__public_id", flat=True))


def numbers(*subjects: Any) -> set[int]:
    return {subject.public_id for subject in subjects}


def queue(client: Client, slug: str) -> set[int]:
    return {item["id"] for item in client.get(f"/api/v1/workflows/{slug}/queue/?n=50").json()["results"]}


def test_a_new_workflow_asks_about_exactly_the_subjects_of_a_list(boss: Client) -> None:
    """From an empty lab to the queue, all by the pages; other images come meanwhile and stay out."""
    a, b, c, other = (f.subject() for _ in range(4))
    find = f.find(root=c)
    boss.post("/lab/new/", {"name": "Bright ones", "slug": "bright"})
    assert 'href="/lab/sets/new/"' in boss.get("/lab/bright/sets/").content.decode(), "no set yet: the page says where they are made"
    sent = {"name": "Bright trails, 2026", "purpose": "serve", "ids": f"S{a.public_id}, 17\nhttp://hunter.example.org/subjects/{b.public_id}/ no"}

    refused = boss.post("/lab/sets/new/", sent)
    assert refused.status_code == 400
    page = refused.content.decode()
    assert "Line 1: <code>17</code>" in page
    assert "Line 2: <code>no</code>" in page
    assert not SubjectSet.objects.exists(), "nothing half done"
    made = boss.post("/lab/sets/new/", {**sent, "leave_out": "on"}, follow=True)
    assert made.redirect_chain == [("/lab/sets/bright-trails-2026/", 302)]
    assert "2 entries of the list are no subjects here and were left out." in made.content.decode()
    assert members("bright-trails-2026") == numbers(a, b)
    taken = boss.post("/lab/sets/new/", {"name": "bright trails 2026", "purpose": "serve"})
    assert taken.status_code == 400
    assert "There is a set at the address bright-trails-2026 already" in taken.content.decode()

    flow = Workflow.objects.get(slug="bright")
    policy = {"rule": "fractions", "count": 10, "min_votes": 3, "positive": ["yes"]}
    lab.save_draft(workflow=flow, steps=STEPS, policy=policy, base=lab.base_of(flow), actor=None, now=NOW)
    boss.post("/lab/bright/publish/", {"base": lab.base_of(flow)})
    assert "2 subjects, 0 open here" in boss.get("/lab/bright/sets/").content.decode()
    boss.post("/lab/bright/sets/", {"sets": ["bright-trails-2026"]})
    boss.post("/lab/bright/live/", {"live": "1"})
    f.cutout()
    classify.pool_new(now=NOW, rng=random.Random(1))
    assert queue(Client(), "bright") == numbers(a, b)

    file = SimpleUploadedFile("more.csv", f"\ufeffname,subject_id\nlong,{find.public_id}\n".encode())
    page = boss.post("/lab/sets/bright-trails-2026/members/", {"file": file, "do": "add"}, follow=True).content.decode()
    assert "1 subject was added." in page
    assert "In the workflows that use the set, 1 more waits." in page
    assert queue(Client(), "bright") == numbers(a, b, c), "what comes into a set that is used is asked about; a find is the image it lies in"
    boss.post("/lab/sets/bright-trails-2026/", {"do": "take", "subject": str(a.public_id)})
    assert members("bright-trails-2026") == numbers(b, c)
    assert queue(Client(), "bright") == numbers(a, b, c), "somebody may have voted on what is taken out"
    assert other.public_id not in queue(Client(), "bright")


def test_tags_collections_and_answers_name_subjects(boss: Client) -> None:
    seed_boards(NOW)
    flow = f.workflow(slug="trails", count=1)
    tagged, second, settled = (f.subject(workflow=flow) for _ in range(3))
    ann = person("ann")
    for subject in (tagged, second):
        classify.reveal(volunteer=ann.volunteer, root=subject, now=NOW)  # type: ignore[arg-type]
        write(ann, subject, "A long #satellite trail.")
    f.vote(subject=settled, workflow=flow, answer="yes")
    public = talk.make_collection(viewer=ann, about=talk.About("Long", public=True), roots=[second.pk], now=NOW)
    private = talk.make_collection(viewer=ann, about=talk.About("Mine"), roots=[second.pk], now=NOW)

    begun = boss.get("/lab/sets/new/?tag=satellite").content.decode()
    assert begun.count('value="satellite"') == 2, "its name and the tag stand in the form"
    assert "/lab/sets/new/?tag=satellite" in boss.get("/talk/tags/satellite/").content.decode()
    assert f"/lab/sets/new/?collection={public.public_id}" in boss.get(f"/collections/{public.public_id}/").content.decode()
    assert "/lab/sets/" not in Client().get(f"/collections/{public.public_id}/").content.decode()

    boss.post("/lab/sets/new/", {"name": "satellite", "purpose": "serve", "tag": "#Satellite"})
    assert members("satellite") == numbers(tagged, second), "those too that are still being classified"
    boss.post("/lab/sets/new/", {"name": "Long", "purpose": "negative", "collection": f"https://x.example.org/collections/{public.public_id}/"})
    assert members("long") == numbers(second)
    boss.post("/lab/sets/long/members/", {"answer": "trails:yes", "do": "add"})
    assert members("long") == numbers(second, settled)
    boss.post("/lab/sets/long/members/", {"tag": "satellite", "do": "take"})
    assert members("long") == numbers(settled)
    for sent, said in (
        ({}, "Name some subjects first"),
        ({"tag": "nobody_says_so"}, "No subject carries the tag #nobody_says_so."),
        ({"tag": "satellite", "ids": "1"}, "in one of these ways only"),
        ({"collection": private.public_id}, f"There is no collection {private.public_id} that you may open."),
        ({"collection": "what is this?"}, "There is no collection what is this? that you may open."),
        ({"answer": "trails:no"}, "No subject has this answer yet."),
        ({"ids": "17", "leave_out": "on"}, "No subject of this site stands in the list."),
        ({"file": SimpleUploadedFile("x.txt", b"\xff\xfe1")}, "no CSV file in UTF-8"),
    ):
        answer = boss.post("/lab/sets/long/members/", {**sent, "do": "add"})
        assert (answer.status_code, said in answer.content.decode()) == (400, True), said
    assert members("long") == numbers(settled)


def test_sets_are_renamed_and_deleted_where_nobody_needs_them(boss: Client) -> None:
    flow = f.workflow(slug="trails", name="Trails")
    f.gold(workflow=flow)
    rows = classify.create_set(slug="rows", name="Rows", purpose="serve", subject_ids=[f.subject().pk], actor=None, now=NOW)
    boss.post("/lab/trails/sets/", {"sets": ["rows"]})
    boss.post("/lab/sets/rows/", {"do": "rename", "name": "Many rows"})
    page = boss.post("/lab/sets/rows/", {"do": "delete"}, follow=True).content.decode()
    assert "Workflows use this set: Trails." in page
    assert "Many rows</h1>" in page
    for name in ("", "n" * 121):
        assert "Give the set a name" in boss.post("/lab/sets/rows/", {"do": "rename", "name": name}, follow=True).content.decode()
    for name, said in (("", "required"), ("Ωραία", "needs a letter from a to z"), ("New", "an address that the lab has itself")):
        assert said in boss.post("/lab/sets/new/", {"name": name, "purpose": "serve"}).content.decode()

    gold = f"/lab/sets/gold-{flow.slug}/"
    shown = boss.get(gold).content.decode()
    assert 'value="delete"' not in shown
    for where, sent in ((gold, {"do": "delete"}), (gold, {"do": "take", "subject": "1"}), (f"{gold}members/", {"ids": str(f.subject().public_id)})):
        assert "is made with their keys" in boss.post(where, sent, follow=True).content.decode()
    boss.post("/lab/trails/sets/", {})
    boss.post("/lab/sets/rows/", {"do": "delete"})
    assert set(SubjectSet.objects.values_list("slug", flat=True)) == {"gold-trails"}
    assert SubjectStatus.objects.filter(workflow=flow).count() == 2, "its subjects stay in the workflow"
    assert boss.get("/lab/sets/rows/").status_code == 404
    done = AuditEntry.objects.filter(object_type="subject set", object_id="rows").order_by("pk").values_list("verb", flat=True)
    assert list(done) == ["make set", "rename set", "delete set"]
    assert rows.name == "Rows"


def test_lists_cost_the_same_number_of_queries_however_long(boss: Client) -> None:
    flow = f.workflow(slug="trails")

    def queries() -> list[int]:
        counted = []
        for path in ("/lab/sets/", "/lab/sets/set-0/", "/lab/sets/set-0/members/", "/lab/trails/sets/"):
            with CaptureQueriesContext(connection) as seen:
                assert boss.get(path).status_code == 200
            counted.append(len(seen))
        return counted

    boss.get("/lab/")  # a first page is asked for a few things more
    found = []
    for n, before in ((1, 0), (3, 1), (20, 3)):
        for number in range(before, n):
            classify.create_set(slug=f"set-{number}", name="S", purpose="serve", actor=None, now=NOW).workflows.add(flow)
            classify.add_to_set(subject_set=SubjectSet.objects.get(slug="set-0"), subject_ids=[f.subject().pk])
        found.append(queries())
    assert found[0] == found[1] == found[2]


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("subject_set", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def test_the_command_makes_fills_and_opens(tmp_path: Path) -> None:
    flow, other = f.workflow(slug="trails", count=1), f.workflow(slug="other")
    a, b, c = f.subject(), f.subject(), f.subject(workflow=flow)
    f.vote(subject=c, workflow=flow, answer="no")
    before = classify.create_set(slug="before", name="Before", purpose="serve", actor=None, now=NOW)
    other.subject_sets.add(before)
    file = tmp_path / "ids.txt"
    file.write_text(f"{a.public_id}\n\nS{b.public_id} 17\n")
    with pytest.raises(CommandError, match="line 3: 17"):
        run("lot", "--ids", str(file))
    assert not SubjectSet.objects.filter(slug="lot").exists()
    said = run("lot", "--name", "First lot", "--ids", str(file), "--leave-out", "--workflow", "other")
    assert said == "1 entries are no subjects here and were left out.\nlot: 2 subjects added, 2 in all; 2 opened in workflows.\n"
    assert set(other.subject_sets.values_list("slug", flat=True)) == {"before", "lot"}, "what it used before, it uses"
    assert run("lot", "--answer", "trails:no") == "lot: 1 subjects added, 3 in all; 1 opened in workflows.\n"
    assert run("lot", "--name", "Lot 1") == "lot: 0 subjects added, 3 in all; 0 opened in workflows.\n"
    assert queue(Client(), "other") == numbers(a, b, c)
    assert SubjectSet.objects.get(slug="lot").name == "Lot 1"
    f.gold(workflow=flow)
    for arguments, wrong in (
        (["lot", "--purpose", "negative"], "with the purpose serve"),
        (["New Lot"], "no address for a set"),
        (["lot", "--workflow", "nowhere"], "no workflow 'nowhere'"),
        (["lot", "--tag", "nothing"], "No subject carries the tag #nothing"),
        (["lot", "--collection", "nothing", "--by", "nobody"], "no account 'nobody'"),
        (["lot", "--ids", str(tmp_path / "none.txt")], "cannot be read"),
        (["gold-trails", "--ids", str(file), "--leave-out"], "is made with their keys"),
    ):
        with pytest.raises(CommandError, match=wrong):
            run(*arguments)
