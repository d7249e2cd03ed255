"""The site as an app: what its service worker keeps, the page without connection, the hint to install, a device without room."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Page, expect

from classify.models import Workflow
from tests.browser.real_site import RealSite, serving
from tests.browser.sky import sign_in, visit, votes
from tests.browser.test_offline import ROWS, ready_for_offline
from tests.conftest import wait_until

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.browser_context_args(service_workers="allow", viewport={"width": 390, "height": 844}, has_touch=True),
]
KEPT = """async () => {
  const found = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const answer = await cache.match(request, { ignoreVary: true });
      const type = answer.headers.get("Content-Type");
      found.push([new URL(request.url).pathname, type.startsWith("text/html") ? await answer.text() : ""]);
    }
  }
  return found;
}"""
PROMPT = """() => {
  window.prompted = 0;
  const event = new Event("beforeinstallprompt", { cancelable: true });
  event.prompt = async () => { window.prompted += 1; };
  window.dispatchEvent(event);
}"""
FULL = """
const put = IDBObjectStore.prototype.put;
IDBObjectStore.prototype.put = function (row) {
  if (this.name === "outbox") throw new DOMException("no room", "QuotaExceededError");
  return put.call(this, row);
};
"""


@pytest.fixture
def site(flow: Workflow, tmp_path: Path) -> Iterator[RealSite]:
    """A site that can really go away: when a service worker ends, Chromium takes back what was said of the connection."""
    with serving(tmp_path) as made:
        yield made


@pytest.mark.console_noise
def test_nothing_of_anybody_is_kept_and_without_connection_a_page_says_so(
    page: Page, site: RealSite, flow: Workflow, accessible: Callable[[], None]
) -> None:
    sign_in(page, site.url)
    name = page.locator(".site-account a").first.text_content() or "?"
    visit(page, site.url, flow)
    ready_for_offline(page)
    wait_until(lambda: page.evaluate(ROWS), what="a subject that is kept")
    for path in ("/me/", "/accounts/", "/talk/", f"/classify/{flow.slug}/"):
        page.goto(site.url + path)

    kept = page.evaluate(KEPT)

    paths = {path for path, _ in kept if not path.startswith(("/static/", "/px/"))}
    assert paths == {"/offline/", f"/classify/{flow.slug}/"}
    assert not any(name in html or "data-owner" in html for _, html in kept)
    site.kill()
    page.goto(f"{site.url}/me/")
    expect(page.get_by_role("heading", name="No connection to the site")).to_be_visible()
    expect(page.locator("[data-offline-list] a")).to_contain_text("images on this device")
    accessible()
    page.locator("[data-offline-list] a").click()
    expect(page.locator("[data-classify]")).to_have_attribute("data-state", "ready")
    expect(page.locator("[data-viewer] img, [data-viewer] canvas").first).to_be_visible()


def test_a_pack_says_what_it_holds_and_can_be_given_back(page: Page, live_server, flow: Workflow, accessible: Callable[[], None]) -> None:
    visit(page, live_server.url, flow)
    button, dialog = page.locator("[data-pack]"), page.get_by_role("dialog", name="Images on this device")
    expect(button).to_have_accessible_name("Take 30 along, to classify without a connection")
    button.click()
    expect(button).to_have_accessible_name(re.compile(r"Images on this device: 5\."))

    button.click()

    expect(dialog).to_contain_text("They are yours until")
    accessible()
    dialog.get_by_role("button", name="Remove them from this device").click()
    expect(dialog).to_be_hidden()
    expect(button).to_have_accessible_name(re.compile("^Take 30 along"))


def test_the_hint_to_install_comes_on_phones_and_goes_for_good(page: Page, live_server) -> None:
    page.goto(live_server.url)
    hint = page.locator("[data-install]")
    expect(hint).to_be_hidden()
    page.evaluate(PROMPT)
    expect(hint).to_be_visible()
    hint.get_by_role("button", name="Install").click()
    wait_until(lambda: page.evaluate("window.prompted") == 1, what="the browser's own question")
    expect(hint).to_be_hidden()

    page.reload()
    page.evaluate(PROMPT)

    expect(hint).to_be_hidden()
    manifest = page.locator("link[rel=manifest]").get_attribute("href")
    assert page.request.get(f"{live_server.url}{manifest}").json()["display"] == "standalone"


@pytest.mark.console_noise
def test_a_device_without_room_says_so_and_holds_the_window(page: Page, live_server, flow: Workflow) -> None:
    page.add_init_script(FULL)
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", answer)
    visit(page, live_server.url, flow)
    page.context.set_offline(True)
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    expect(page.locator("[data-toasts]")).to_contain_text("This device has no room to keep your answer")
    page.locator("[data-outbox-button]").click()
    expect(page.get_by_role("dialog")).to_contain_text("Leave the window open")
    page.close(run_before_unload=True)
    wait_until(lambda: page.wait_for_timeout(50) or asked, what="the question before the window closes")
    assert asked == ["beforeunload"]

    page.context.set_offline(False)

    assert [vote.answer for vote in votes(1)] == ["no"]
