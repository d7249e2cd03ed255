"""Without connection: a pack taken along, votes that wait, a site that dies meanwhile. Nothing is lost, nothing comes twice."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, BrowserType, Page, expect

from classify.models import Classification, Serve, Workflow
from tests import factories
from tests.browser.real_site import RealSite, serving
from tests.browser.sky import alive, reload, sign_in, visit, votes
from tests.conftest import wait_until

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.console_noise,
    pytest.mark.browser_context_args(service_workers="allow", viewport={"width": 390, "height": 844}),
]
PACK = 30


@pytest.fixture
def flow(transactional_db: None) -> Workflow:
    """A workflow with more subjects than go into a pack."""
    made = factories.workflow(pack_size=PACK)
    plane = factories.plane()
    for _ in range(PACK + 12):
        factories.subject(workflow=made, cutout=factories.cutout(plane=plane, width=64, height=64))
    return made


@pytest.fixture
def site(flow: Workflow, tmp_path: Path) -> Iterator[RealSite]:
    with serving(tmp_path) as made:
        yield made


def ready_for_offline(page: Page) -> None:
    """Wait until the service worker has the page, and the page itself is kept."""
    kept = "async () => navigator.serviceWorker.controller && (await (await caches.open('hunter-pages')).keys()).length"
    wait_until(lambda: page.evaluate(kept), what="the service worker and the kept page")


def take_pack(page: Page) -> None:
    button = page.locator("[data-pack]")
    expect(button).to_be_visible()
    button.click()
    expect(page.locator("[data-pack-number]")).to_have_text(str(PACK))
    expect(page.locator("[data-toasts]")).to_contain_text("You can go offline")


def classify(page: Page, n: int, seen: list[str]) -> None:
    """Answer n subjects, each of which is another one, with its image on the screen."""
    alive(page)
    subject = page.locator("input[name=subject]")
    for _ in range(n):
        expect(subject).not_to_have_value(seen[-1] if seen else "")
        seen.append(subject.input_value())
        page.keyboard.press("n")
        page.keyboard.press("Enter")


def test_twenty_votes_of_a_pack_arrive_once_each_though_the_site_dies(page: Page, site: RealSite, flow: Workflow) -> None:
    visit(page, site.url, flow)
    ready_for_offline(page)
    take_pack(page)
    assert Serve.objects.filter(version__workflow=flow).count() >= PACK
    seen: list[str] = []

    page.context.set_offline(True)
    site.kill()
    classify(page, 12, seen)
    expect(page.locator("[data-outbox-count]")).to_have_text("12")

    reload(page)  # the page comes out of the service worker
    expect(page.locator("[data-outbox-count]")).to_have_text("12")
    classify(page, 8, seen)
    expect(page.locator("[data-outbox-count]")).to_have_text("20")
    assert not Classification.objects.exists()

    site.start()
    page.context.set_offline(False)

    assert sorted(str(vote.subject.public_id) for vote in votes(20)) == sorted(seen)
    assert len(set(seen)) == Classification.objects.count() == 20
    expect(page.locator("[data-outbox-button]")).to_be_hidden()


def test_what_the_site_refuses_stays_with_its_reason_and_what_it_has_is_stored_once(page: Page, site: RealSite, flow: Workflow) -> None:
    visit(page, site.url, flow)
    wait_until(lambda: page.evaluate(ROWS) >= 3, what="subjects fetched ahead")
    site.kill()
    seen: list[str] = []
    classify(page, 2, seen)
    expect(page.locator("[data-outbox-count]")).to_have_text("2")
    page.goto("about:blank")
    site.start()
    page.goto(f"{site.url}/robots.txt")  # no script of the site runs here
    good, bad = stored(page)
    change(page, bad["id"], {"answer": "perhaps"})  # as an old or broken script might have written it
    twin = {**good["body"]}
    visit(page, site.url, flow)

    wait_until(lambda: page.locator("input[name=subject]").input_value() not in seen, what="a subject that was not answered here")
    button = page.locator("[data-outbox-button]")
    expect(button).to_have_accessible_name("1 not accepted")
    assert [str(vote.pk) for vote in votes(1)] == [good["id"]]
    button.click()
    dialog = page.get_by_role("dialog", name="Waiting to be sent")
    expect(dialog).to_contain_text(f"Subject {seen[1]}: perhaps")
    expect(dialog).to_contain_text("answer:")
    again = page.evaluate(POST, [f"{site.url}/api/v1/classifications/", twin])
    assert (again["status"], again["data"]["id"], Classification.objects.count()) == (200, good["id"], 1)

    dialog.get_by_role("button", name="Discard").click()
    expect(dialog).to_contain_text("It will be gone for good.")
    dialog.get_by_role("button", name="Keep it").click()
    wait_until(lambda: [entry["id"] for entry in stored(page)] == [bad["id"]], what="the outbox to hold no more than this one")
    change(page, bad["id"], {"answer": "no"})
    reload(page)
    button.click()
    expect(dialog).to_contain_text(f"Subject {seen[1]}: No ")
    dialog.get_by_role("button", name="Try again").click()
    assert {str(vote.pk) for vote in votes(2)} == {good["id"], bad["id"]}
    expect(button).to_be_hidden()


def test_votes_go_out_although_no_page_is_open(page: Page, site: RealSite, flow: Workflow) -> None:
    found: dict[str, str] = {}
    watch = page.context.new_cdp_session(page)
    watch.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: found.update({each["scopeURL"]: each["registrationId"] for each in told["registrations"]}),
    )
    watch.send("ServiceWorker.enable")
    visit(page, site.url, flow)
    ready_for_offline(page)
    wait_until(lambda: page.evaluate(ROWS) >= 3, what="subjects fetched ahead")
    site.kill()
    classify(page, 2, [])
    expect(page.locator("[data-outbox-count]")).to_have_text("2")
    page.goto("about:blank")
    site.start()
    assert not Classification.objects.exists()

    event = {"origin": site.url, "registrationId": found[f"{site.url}/"], "tag": "hunter-outbox", "lastChance": False}
    watch.send("ServiceWorker.dispatchSyncEvent", event)  # Chromium does so when the connection is back

    assert len(votes(2)) == 2


def test_the_outbox_outlives_the_browser_and_goes_to_nobody_else(
    browser_type: BrowserType, browser_type_launch_args: dict[str, Any], site: RealSite, flow: Workflow, tmp_path: Path
) -> None:
    def start() -> tuple[BrowserContext, Page]:
        context = browser_type.launch_persistent_context(tmp_path / "profile", **browser_type_launch_args, locale="en-GB", service_workers="allow")
        return context, context.pages[0]

    context, page = start()
    sign_in(page, site.url)
    visit(page, site.url, flow)
    ready_for_offline(page)
    take_pack(page)
    site.kill()
    seen: list[str] = []
    classify(page, 3, seen)
    expect(page.locator("[data-outbox-count]")).to_have_text("3")
    context.close()

    context, page = start()
    page.goto(f"{site.url}/talk/")  # not kept: the page that says so comes in its place
    expect(page.get_by_role("heading", name="No connection to the site")).to_be_visible()
    expect(page.locator("[data-outbox-count]")).to_have_text("3")
    page.locator("[data-offline-list] a").click()
    classify(page, 1, seen)
    context.clear_cookies()  # somebody else comes
    site.start()
    page.goto(f"{site.url}/")
    expect(page.locator("[data-outbox-count]")).to_have_text("4")
    page.locator("[data-outbox-button]").click()
    expect(page.get_by_role("dialog")).to_contain_text("An answer of another account")
    expect(page.get_by_role("dialog")).not_to_contain_text(seen[0])
    wait_until(lambda: page.evaluate(ROWS) == 0, what="the other account's pack to be gone")
    assert not Classification.objects.exists()
    context.close()


ROWS = """() => new Promise((resolve) => indexedDB.open("hunter").onsuccess = (event) => {
  const rows = event.target.result.transaction("kept").objectStore("kept").count();
  rows.onsuccess = () => resolve(rows.result);
})"""
ENTRIES = """() => new Promise((resolve) => indexedDB.open("hunter").onsuccess = (event) => {
  const rows = event.target.result.transaction("outbox").objectStore("outbox").getAll();
  rows.onsuccess = () => resolve(rows.result);
})"""
CHANGE = """([id, change]) => new Promise((resolve) => indexedDB.open("hunter").onsuccess = (event) => {
  const rows = event.target.result.transaction("outbox", "readwrite").objectStore("outbox");
  rows.get(id).onsuccess = ({ target: { result } }) => {
    rows.put({ ...result, body: { ...result.body, ...change } }).onsuccess = resolve;
  };
})"""
POST = """async ([url, body]) => {
  const answer = await fetch(url, { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });
  return { status: answer.status, data: await answer.json() };
}"""


def stored(page: Page) -> list[dict[str, Any]]:
    """What lies in the outbox of the browser, oldest first."""
    return sorted(page.evaluate(ENTRIES), key=lambda entry: str(entry["added_at"]))


def change(page: Page, entry: str, body: dict[str, Any]) -> None:
    """Change the body of an entry where it lies."""
    page.evaluate(CHANGE, [entry, body])
