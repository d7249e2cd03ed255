"""The classify page as the browser tests use it: the image on the screen, and the votes that come of it."""

from typing import Literal, NamedTuple

from playwright.sync_api import CDPSession, Page, expect

from classify.models import Classification, Mark, Workflow
from classify.seeds import SEEDS
from tests import factories
from tests.conftest import wait_until

TRAIL = next(seed.steps for seed in SEEDS if seed.slug == "classify")  # the original's questions
SIZE = 256  # pixels of a factory's cutout


class Sky(NamedTuple):
    """The viewer on the screen, while the whole image is shown."""

    page: Page
    left: float
    top: float
    scale: float

    @classmethod
    def of(cls, page: Page) -> "Sky":
        box = page.locator("[data-viewer]").bounding_box()
        assert box is not None
        scale = min(box["width"], box["height"]) / SIZE
        return cls(page, box["x"] + (box["width"] - scale * SIZE) / 2, box["y"] + (box["height"] - scale * SIZE) / 2, scale)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return where the centre of a cutout pixel is on the screen."""
        return self.left + (x + 0.5) * self.scale, self.top + (y + 0.5) * self.scale

    def click(self, x: float, y: float) -> None:
        self.page.mouse.click(*self.at(x, y))


def visit(page: Page, url: str, flow: Workflow) -> Sky:
    """Open the page and wait until it is alive."""
    page.goto(f"{url}/classify/{flow.slug}/")
    return alive(page)


def reload(page: Page) -> Sky:
    """Load the page anew and wait until it is alive."""
    page.reload()
    return alive(page)


def alive(page: Page) -> Sky:
    """Wait until the page can be answered: its first subject is announced, which comes last of what makes it ready."""
    expect(page.locator("[data-announce]")).not_to_be_empty()
    expect(page.locator("[data-classify]")).to_have_attribute("data-state", "ready")
    return Sky.of(page)


def shown(page: Page) -> str:
    """Return the number of the subject that is shown."""
    return page.locator("input[name=subject]").input_value()


def done(page: Page) -> None:
    """Press Enter, and wait for the next subject."""
    before = shown(page)
    page.keyboard.press("Enter")
    expect(page.locator("input[name=subject]")).not_to_have_value(before)


class Finger(NamedTuple):
    """A real finger: Chromium makes touch and pointer events of it."""

    session: CDPSession

    @classmethod
    def on(cls, page: Page) -> "Finger":
        return cls(page.context.new_cdp_session(page))

    def _touch(self, kind: str, *points: tuple[float, float]) -> None:
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})

    def down(self, *points: tuple[float, float]) -> None:
        self._touch("touchStart", *points)

    def move(self, *path: tuple[float, float]) -> None:
        for point in path:
            self._touch("touchMove", point)

    def up(self) -> None:
        self._touch("touchEnd")

    def swipe(self, start: tuple[float, float], dx: float, dy: float) -> None:
        self.down(start)
        self.move(*((start[0] + part * dx, start[1] + part * dy) for part in (0.2, 0.6, 1)))
        self.up()


def sign_in(page: Page, url: str) -> None:
    name = factories.user().username
    page.goto(f"{url}/accounts/login/")
    page.locator("input[name=login]").fill(name)
    page.locator("input[name=password]").fill(factories.PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(lambda address: "/accounts/login/" not in address)


WATCH_SHIFTS = """
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const told = ({ node, previousRect: a, currentRect: b }) => `${node?.outerHTML?.slice(0, 60)} ${JSON.stringify([a, b])}`;
      window.shifts.push([entry.value, ...entry.sources.map(told)]);
    }
  }).observe({ type: "layout-shift", buffered: true });
"""


def shifts(page: Page) -> list[object]:
    """Return every layout shift so far, those right after a key or a click included. Needs WATCH_SHIFTS as the page's first script."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    found: list[object] = page.evaluate("window.shifts")
    return found


def votes(n: int) -> list[Classification]:
    """Wait for n stored votes that stand, and return them, oldest first."""
    standing = Classification.objects.filter(superseded_by__isnull=True).exclude(answer="").order_by("created_at", "pk")
    return wait_until(lambda: len(found := list(standing.all())) == n and found, what=f"{n} votes")


def ends(mark: Mark) -> tuple[float, float, float, float]:
    return mark.x1, mark.y1, mark.x2, mark.y2


def drag(sky: Sky, start: tuple[float, float], end: tuple[float, float], button: Literal["left", "middle"] = "left") -> None:
    sky.page.mouse.move(*sky.at(*start))
    sky.page.mouse.down(button=button)
    sky.page.mouse.move(*sky.at(*end), steps=5)
    sky.page.mouse.up(button=button)


def where(page: Page) -> str:
    return str(page.locator("[data-plates]").evaluate("node => node.style.transform"))
