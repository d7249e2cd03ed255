"""/stats/ in a browser: days chosen by mouse, finger, keys and dates, with and without scripts; values read out; nothing wrong for axe."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import BrowserContext, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from classify.models import DailyTotal, HourlyTotal
from tests import factories as f

pytestmark = pytest.mark.django_db(transaction=True)
DAYS = 100


@pytest.fixture
def work(live_server: LiveServer) -> Any:
    """A hundred days of work by six people: on day n, 10 + n votes."""
    cache.clear()
    flow, today = f.workflow(name="Find trails"), timezone.now().replace(minute=0, second=0, microsecond=0)
    f.subject(workflow=flow, cutout=f.cutout(images=False))
    people = [f.volunteer(user=f.user(username="ada")), *(f.volunteer() for _ in range(5))]
    for i in range(DAYS):
        day = today - timedelta(days=DAYS - 1 - i)
        HourlyTotal.objects.create(workflow=flow, hour=day, shard=0, n=10 + i)
        DailyTotal.objects.create(volunteer=people[i % 6], workflow=flow, day=day.date(), n=10 + i, seconds=900)
    return flow


def day(number: int) -> str:
    """The day of this number, as the address has it."""
    return f"{timezone.now().date() - timedelta(days=DAYS - 1 - number)}"


def shown(page: Page, since: int, until: int) -> None:
    """Wait until the page shows these days, in its address, fields and words."""
    expect(page.locator("[data-brush]")).to_have_attribute("data-since", day(since))
    expect(page.locator("[data-brush]")).to_have_attribute("data-until", day(until))
    expect(page.locator("#stats-since")).to_have_value(day(since))
    total = sum(10 + i for i in range(since, until + 1))
    expect(page.locator("[data-stats-status]")).to_contain_text(f"{total:,} classifications")


def place(page: Page, number: int) -> tuple[float, float]:
    """Where the middle of a day lies on the figure."""
    brush = page.locator("[data-brush]")
    brush.scroll_into_view_if_needed()
    box = page.locator(".brush-layer").bounding_box()
    assert box is not None
    left, right = (float(brush.get_attribute(name) or 0) for name in ("data-left", "data-right"))
    return box["x"] + box["width"] * (left + (right - left) * (number + 0.5) / DAYS), box["y"] + box["height"] / 2


def drag(page: Page, start: int, end: int) -> None:
    page.mouse.move(*place(page, start))
    page.mouse.down()
    page.mouse.move(*place(page, (start + end) // 2))
    page.mouse.move(*place(page, end))
    page.mouse.up()


def test_days_are_chosen_by_mouse_and_keys_linked_and_reset(page: Page, live_server: LiveServer, work: Any, accessible: Callable[[], None]) -> None:
    page.goto(f"{live_server.url}/stats/")
    accessible()
    drag(page, 40, 69)
    shown(page, 40, 69)
    expect(page).to_have_url(re.compile(f"since={day(40)}&until={day(69)}"))
    drag(page, 55, 65)  # the whole range
    shown(page, 50, 79)
    page.go_back()
    shown(page, 40, 69)

    since = page.get_by_role("slider", name="First day of the range")
    since.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    shown(page, 42, 69)
    expect(page.get_by_role("slider", name="First day of the range")).to_be_focused()
    page.get_by_role("slider", name="Last day of the range").focus()
    page.keyboard.press("End")
    shown(page, 42, 99)
    accessible()

    address = page.url
    page.goto(address)
    expect(page.locator("#stats-since")).to_have_value(day(42))
    page.get_by_role("link", name="Everything").click()
    shown(page, 0, 99)
    expect(page).to_have_url(f"{live_server.url}/stats/")


def test_values_are_read_out_under_the_pointer_and_by_keys(page: Page, live_server: LiveServer, work: Any) -> None:
    page.goto(f"{live_server.url}/stats/?since={day(90)}")
    plot = page.get_by_role("group", name="Classifications per day")
    reading = plot.locator(".fig-reading")

    def words(number: int) -> Any:
        return re.compile(f": {10 + number}$")

    box = _box(plot)
    page.mouse.move(box["x"] + box["width"] * 0.97, box["y"] + box["height"] / 2)
    expect(reading).to_have_text(words(99))
    page.mouse.move(box["x"] + box["width"] * 0.1, box["y"] + box["height"] / 2)
    expect(reading).to_have_text(words(90))
    page.mouse.move(0, 0)
    expect(reading).to_have_text("")
    plot.focus()
    page.keyboard.press("End")
    expect(reading).to_have_text(words(99))
    page.keyboard.press("ArrowLeft")
    expect(reading).to_have_text(words(98))


def _box(locator: Locator) -> Any:
    locator.scroll_into_view_if_needed()
    return locator.bounding_box()


def test_a_finger_chooses_days_on_a_phone(
    another_browser: Callable[..., BrowserContext], live_server: LiveServer, work: Any, accessible: Callable[[], None], page: Page
) -> None:
    phone = another_browser(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, locale="en-GB").new_page()
    phone.goto(f"{live_server.url}/stats/")
    touch = phone.context.new_cdp_session(phone)
    for kind, number in (("touchStart", 20), ("touchMove", 35), ("touchMove", 59), ("touchEnd", None)):
        points = [] if number is None else [dict(zip("xy", place(phone, number), strict=True))]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    shown(phone, 20, 59)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390

    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(phone.url)
    accessible()


def test_without_scripts_the_dates_choose_and_bars_say_their_values(
    another_browser: Callable[..., BrowserContext], live_server: LiveServer, work: Any
) -> None:
    page = another_browser(java_script_enabled=False, locale="en-GB").new_page()
    page.goto(f"{live_server.url}/stats/")
    page.get_by_label("From").fill(day(95))
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile(f"since={day(95)}"))
    expect(page.locator("svg", has_text="Classifications per day").locator("rect.fig-bar")).to_have_count(5)
    assert page.locator("rect.fig-bar title").first.text_content().endswith(": 105")  # type: ignore[union-attr]
    with page.expect_download() as download:
        page.get_by_role("link", name="Data (CSV)").first.click()
    assert download.value.path().read_text().splitlines()[1] == f"{day(95)},105"


def test_a_certificate_is_made_printed_and_checked(page: Page, live_server: LiveServer, work: Any, accessible: Callable[[], None]) -> None:
    page.goto(f"{live_server.url}/accounts/login/?next=/me/figures/")
    page.get_by_label("Name").first.fill("ada")
    page.get_by_label("Password").first.fill(f.PASSWORD)
    page.locator("main button[type=submit]").first.click()
    expect(page.get_by_role("heading", name="My figures")).to_be_visible()
    accessible()
    page.get_by_role("link", name="Certificate of my hours").click()
    accessible()
    page.get_by_label("Name on the certificate").fill("Ada Lovelace")
    page.get_by_role("button", name="Make the certificate").click()
    expect(page.get_by_text("Ada Lovelace")).to_be_visible()
    accessible()
    page.emulate_media(media="print")
    expect(page.get_by_text("Ada Lovelace")).to_be_visible()
    expect(page.locator(".site-header")).to_be_hidden()
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    assert page.url.startswith(f"{live_server.url}/certificates/")
