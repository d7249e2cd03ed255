"""An asynchronous HTTP client that costs little, so that the server has the machine: one open connection for each person."""

import asyncio
import gzip
import json
import random
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

_HEADERS = (
    "Host: 127.0.0.1\r\nUser-Agent: Mozilla/5.0 (benchmark)\r\nAccept: application/json\r\nAccept-Encoding: gzip, deflate\r\nAccept-Language: en\r\n"
)
ANSWERS = ["no", "no", "no", "no", "yes"]


@dataclass
class Laps:
    """Seconds: of whole cycles, votes and queue requests."""

    cycle: list[float] = field(default_factory=list)
    vote: list[float] = field(default_factory=list)
    queue: list[float] = field(default_factory=list)


@dataclass
class Person:
    """One signed-in client."""

    port: int
    cookie: str
    waiting: list[dict[str, Any]] = field(default_factory=list)
    ends: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Send one request on the open connection; return status and JSON."""
        data = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\n{_HEADERS}Cookie: {self.cookie}\r\nX-CSRFToken: {'t' * 32}\r\n"
        if data:
            head += f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n"
        request = head.encode() + b"\r\n" + data
        for attempt in (1, 2):
            fresh = self.ends is None
            try:
                return await self._exchange(request)
            except (asyncio.IncompleteReadError, ConnectionError):  # the server closes what was idle
                self.ends = None
                if fresh or attempt == 2:
                    raise
        raise AssertionError

    async def _exchange(self, request: bytes) -> tuple[int, Any]:
        if self.ends is None:
            self.ends = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self.ends
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        data = await reader.readexactly(int(headers.get("content-length", 0)))
        if headers.get("content-encoding") == "gzip":
            data = gzip.decompress(data)
        if headers.get("connection") == "close":
            writer.close()
            self.ends = None
        return int(head[0].split()[1]), json.loads(data) if data[:1] == b"{" else data


async def ours(person: Person, laps: Laps, batch: int) -> bool:
    """One vote of the product, with a queue request where nothing is in hand. False: nothing is left."""
    begun = time.perf_counter()
    if not person.waiting:
        status, data = await person.ask("GET", f"/api/v1/workflows/classify/queue/?n={batch}")
        assert status == 200, (status, data)
        laps.queue.append(time.perf_counter() - begun)
        person.waiting = data["results"]
        if not person.waiting:
            return False
    item = person.waiting.pop()
    answer = random.choice(ANSWERS)
    marks = [{"frame": 0, "x1": 20 + random.random(), "y1": 30, "x2": 200, "y2": 90 + random.random()}] if answer == "yes" else []
    body = {"id": str(uuid.uuid4()), "workflow": "classify", "subject": item["id"], "serve": item["serve"], "version": item["version"]}
    sent = time.perf_counter()
    status, data = await person.ask("POST", "/api/v1/classifications/", {**body, "answer": answer, "marks": marks, "viewer": {"zoom": 1}})
    assert status == 201, (status, data)
    now = time.perf_counter()
    laps.vote.append(now - sent)
    laps.cycle.append(now - begun)
    return True


async def bare(person: Person, laps: Laps, _batch: int = 1) -> bool:
    """One pair of the bare site."""
    begun = time.perf_counter()
    status, data = await person.ask("GET", "/next")
    assert status == 200, (status, data)
    assert data["id"], "Nothing was left."
    laps.queue.append(time.perf_counter() - begun)
    sent = time.perf_counter()
    status, data = await person.ask("POST", "/vote", {"id": data["id"], "answer": random.choice(ANSWERS)})
    assert status == 201, (status, data)
    now = time.perf_counter()
    laps.vote.append(now - sent)
    laps.cycle.append(now - begun)
    return True


Cycle = Callable[[Person, Laps, int], Awaitable[bool]]


def window(people: list[Person], cycle: Cycle, batch: int, seconds: float) -> tuple[Laps, float]:
    """Let all people work side by side for some seconds; return their laps and the wall seconds."""
    laps = Laps()

    async def work(person: Person, end: float) -> None:
        while time.perf_counter() < end and await cycle(person, laps, batch):
            pass
        if person.ends:
            person.ends[1].close()
            person.ends = None

    async def everybody() -> None:
        end = time.perf_counter() + seconds
        await asyncio.gather(*(work(person, end) for person in people))

    begun = time.perf_counter()
    asyncio.run(everybody())
    return laps, time.perf_counter() - begun
