"""Follows every link of a small site as each role, in a real browser: nothing missing, nothing broken, nothing from elsewhere, open to all.

Every address that a link names is asked for; of each kind of page (URL pattern) one is read per role, and opened in the browser and looked
at closely unless another role was given the same kinds of element at that width.
"""

import re
from collections import deque
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import Resolver404, resolve
from playwright.sync_api import BrowserContext, Page, Response

from tests.browser.conftest import _is_elsewhere
from tests.hunter import site

pytestmark = pytest.mark.django_db(transaction=True)

LINKS = "Array.from(document.querySelectorAll('a[href], area[href], form[method=get]'), (node) => node.href || node.action)"
# Which kinds of element are on the page: around `main`, and in it.
SHAPE = """() => {
  const kind = (n) => `${n.parentElement.tagName} ${n.tagName}.${n.getAttribute('class')}.${n.getAttribute('role')}`;
  const of = (nodes) => [...new Set(nodes.map(kind))].sort().join(' ');
  const all = [...document.querySelectorAll('body *')];
  return [of(all.filter((n) => !n.closest('main'))), of(all.filter((n) => n.closest('main')))];
}"""
WATCH = "addEventListener('securitypolicyviolation', (e) => console.error(`CSP: ${e.violatedDirective} ${e.blockedURI}`));"
ADMIN = re.compile(r"admin/\w+/\w+/")  # one page of each kind stands for those of all tables
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 800}


class Elements(HTMLParser):
    """Which kinds of element a page of HTML is made of, and where its links lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.kinds: set[str] = set()
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.kinds.add(f"{tag} {sorted(given)} {given.get('class')} {given.get('role')} {given.get('type')}")
        target = given.get("href") if tag in {"a", "area"} else given.get("action") if tag == "form" and given.get("method") == "get" else None
        if target is not None:
            self.links.append(target)


class Crawl:
    """What one role finds in one browser."""

    def __init__(self, role: str, url: str, context: BrowserContext, clean: set[tuple[str, str]], known_shapes: set[tuple[str, ...]]) -> None:
        self.role, self.url, self.context = role, url, context
        self.clean = clean  # the frames, and the contents by route, that axe has passed in this width
        self.shapes = known_shapes  # what was opened in this width: a route and its elements
        self.problems: list[str] = []
        self.opened: dict[str, str] = {}
        context.add_init_script(WATCH)
        self.page = context.new_page()
        self._watch(self.page)

    def _watch(self, page: Page) -> None:
        page.on("console", lambda m: self.note(f"console: {m.text}") if m.type == "error" else None)
        page.on("pageerror", lambda e: self.note(f"exception: {e}"))
        page.on("request", lambda r: self.note(f"other host: {r.url}") if _is_elsewhere(r) else None)
        page.on("response", self._answered)

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.note(f"{response.status} {response.url.removeprefix(self.url)}")

    def note(self, what: str) -> None:
        self.problems.append(f"{self.role}: {self.page.url.removeprefix(self.url)}: {what}")

    def run(self, known: set[str]) -> None:
        """Go on from the first page until no link is left; `known` addresses were answered before and are opened only for their kind."""
        queue, seen = deque(["/"]), {"/"}
        while queue:
            path = queue.popleft()
            route = self._route(path)
            if route in self.opened and path in known:
                continue
            html = self._ask(path)
            known.add(path)
            if html and route not in self.opened:
                self.opened[route] = path
                read = Elements(html)
                shape = (route, *sorted(read.kinds))
                links = [urljoin(f"{self.url}{path}", link) for link in read.links] if shape in self.shapes else self._look(path, route)
                self.shapes.add(shape)
                found = {self._local(link) for link in links} - {""}
                queue.extend(sorted(found - seen))
                seen |= found

    def _route(self, path: str) -> str:
        try:
            return ADMIN.sub("admin/<app>/<model>/", str(resolve(urlsplit(path).path).route))
        except Resolver404:
            return f"no pattern: {path}"

    def _local(self, link: str) -> str:
        """Return the path of a link within the site, '' for others."""
        plain = urldefrag(link)[0]
        return plain.removeprefix(self.url) if plain.startswith(f"{self.url}/") else ""

    def _ask(self, path: str) -> str:
        """Ask for an address; returns its HTML if it is a page, else ''."""
        answer = self.context.request.get(f"{self.url}{path}")
        if answer.status >= 400:
            self.problems.append(f"{self.role}: a link leads to {path}: {answer.status}")
        kind, saved = answer.headers.get("content-type", ""), "attachment" in answer.headers.get("content-disposition", "")
        html = answer.text() if answer.status < 400 and "text/html" in kind and not saved else ""
        answer.dispose()
        return html

    def _look(self, path: str, route: str) -> list[str]:
        """Open a page, let axe look at it, and return its links."""
        self.page.goto(f"{self.url}{path}")
        frame, content = self.page.evaluate(SHAPE)
        shapes = {("", frame), (route, content)}
        if not shapes <= self.clean:
            found = Axe().run(self.page, options={"preload": False})  # preloading style sheets would itself break the policy
            if found.violations_count:
                self.note("axe: " + "; ".join(f"{v['id']} {v['nodes'][0]['target']}" for v in found.response["violations"]))
            else:
                self.clean |= shapes
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 1:
            self.note(f"{wide} px wider than the screen")
        return list(self.page.evaluate(LINKS))


def test_every_link_of_every_role_leads_somewhere_sound(live_server: Any, settings: Any, another_browser: Callable[..., BrowserContext]) -> None:
    settings.THROTTLES, settings.STAFF_2FA = False, True
    site.build()
    clients: dict[str, Client] = site.clients()
    problems: list[str] = []
    known: set[str] = set()
    clean: dict[str, set[tuple[str, str]]] = {"desk": set(), "phone": set()}
    shapes: dict[str, set[tuple[str, ...]]] = {"desk": set(), "phone": set()}
    opened: dict[str, dict[str, str]] = {}
    for role in (*site.ROLES, "anonymous"):
        name = "anonymous, phone, light" if role in opened else role
        phone = role in opened
        size = {"viewport": PHONE, "has_touch": True, "color_scheme": "light"} if phone else {"viewport": DESK, "color_scheme": "dark"}
        context = another_browser(locale="en-GB", timezone_id="UTC", reduced_motion="reduce", **size)
        if phone:
            context.add_init_script("localStorage.setItem('hunter.theme', 'light');")
        jar = clients[role].cookies
        context.add_cookies([{"name": key, "value": morsel.value, "url": live_server.url} for key, morsel in jar.items() if morsel.value])
        width = "phone" if phone else "desk"
        crawl = Crawl(name, live_server.url, context, clean[width], shapes[width])
        crawl.run(known)
        problems += crawl.problems
        opened[name] = crawl.opened
        context.close()

    assert problems == [], "\n" + "\n".join(dict.fromkeys(problems))
    assert len(opened["anonymous"]) > 20
    assert set(opened["anonymous"]) == set(opened["anonymous, phone, light"])
    assert {"", "classify/<slug:slug>/", "talk/", "accounts/login/", "exposures/", "ml/"} <= set(opened["anonymous"])
    assert "dashboard/" in opened["moderator"]
    assert "dashboard/" not in opened["volunteer"]
    assert any(route.startswith("admin/") for route in opened["admin"])
