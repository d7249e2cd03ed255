"""House rules that no linter knows: sizes, names, doors between rooms, and that the docs know every setting and command."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.core.management import get_commands

from hunter.env import KNOBS

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("hunter", "ml", "talk", "classify", "archive", "core", "sky")
MAX_FILE_LINES, MAX_FUNCTION_LINES = 400, 60
MAX_TEST_LINES = 80  # a walk through the whole loop is one story
# `run` is one file because that is all a new machine needs; it holds three parts under headings of their own.
MAX_RUN_LINES = 545  # 25 more for backup, restore, audit and logs that are rotated while they are written
UPSTREAM = {
    "hunter": {"ml", "talk", "classify", "archive", "core"},
    "ml": {"classify", "archive", "core"},
    "talk": {"classify", "archive", "core"},
    "classify": {"archive", "core"},
    "archive": {"core"},
}


@cache
def tracked() -> list[Path]:
    """Return the files that git knows, or would take."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.splitlines() if (ROOT / name).is_file()]


def python_files(*folders: str) -> Iterator[tuple[str, Path]]:
    """Yield (name, path) of the Python files in these folders (all rooms by default), migrations left out."""
    for path in tracked():
        name = path.relative_to(ROOT)
        if path.suffix == ".py" and "migrations" not in name.parts and (not folders or name.parts[0] in folders):
            yield str(name), path


@cache
def tree(path: Path) -> ast.Module:
    """Return the parsed file."""
    return ast.parse(path.read_text())


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield all functions of a file, methods included."""
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def imports(path: Path) -> set[str]:
    """Return the dotted names that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names}
    return names


def test_files_are_short() -> None:
    code = [path for path in tracked() if path.suffix in {".py", ".js", ".css"} and "migrations" not in path.parts]

    assert [p.name for p in code if len(p.read_text().splitlines()) > MAX_FILE_LINES] == []
    assert len((ROOT / "run").read_text().splitlines()) <= MAX_RUN_LINES


def test_functions_are_short() -> None:
    found = [
        f"{name}:{f.lineno} {f.name} ({(f.end_lineno or 0) - f.lineno + 1} lines)"
        for name, path in [*python_files(), ("run", ROOT / "run")]
        for f in functions(path)
        if (f.end_lineno or 0) - f.lineno + 1 > (MAX_TEST_LINES if f.name.startswith("test_") else MAX_FUNCTION_LINES)
    ]

    assert found == []


def test_imports_are_absolute_and_there_are_no_signals() -> None:
    forbidden = ("django.db.models.signals", "django.dispatch", "django.core.signals", ".")
    found = [(name, i) for name, path in python_files() for i in imports(path) if i.startswith(forbidden)]

    assert found == []


def test_models_do_not_override_save() -> None:
    found = [name for name, path in python_files(*ROOMS) for f in functions(path) if f.name == "save" and "models" in name]

    assert found == []


def test_torch_stays_in_its_place() -> None:
    users = {name for name, path in python_files(*ROOMS) if any(i.split(".")[0] == "torch" for i in imports(path))}

    assert {name for name in users if not name.startswith(("ml/detector/", "ml/jobs"))} == set()


def test_services_are_told_the_time() -> None:
    clock = {"timezone.now", "datetime.now", "time.time", "date.today", "datetime.utcnow"}
    found = [
        f"{name}:{node.lineno}"
        for name, path in python_files(*ROOMS)
        if re.search(r"/(services|selectors)(/|\.py)", name)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in clock
    ]

    assert found == []


def test_core_knows_no_domain_noun() -> None:
    nouns = r"(?i)\b\w*(exposure|cutout|subject|classification|consensus|workflow|detection|asteroid|satellite|volunteer|hashtag)\w*"
    found = [(name, m.group()) for name, path in python_files("core") for m in re.finditer(nouns, path.read_text())]

    assert found == []


# Who may ask whom to write what (rule 6 of the architecture): room -> services of another room that it may call.
REQUESTS = {
    ("ml", "classify"): {"offer_find", "set_machine_opinions", "set_priority"},
    ("talk", "classify"): {"reveal", "save_subject_set"},
    ("classify", "archive"): {"store_image"},
}


def services_called(room: str, other: str) -> set[str]:
    """Return the names of `other.services` that a room uses, under whatever alias."""
    found: set[str] = set()
    for _, path in python_files(room):
        aliases = {f"{other}.services"}
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ImportFrom) and node.module == other:
                aliases |= {alias.asname or alias.name for alias in node.names if alias.name == "services"}
            elif isinstance(node, ast.ImportFrom) and f"{node.module}.".startswith(f"{other}.services."):
                found |= {alias.name for alias in node.names}
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) in aliases:
                found.add(node.attr)
    return found


@pytest.mark.parametrize(
    ("room", "other"), [("classify", "archive"), ("talk", "archive"), ("talk", "classify"), ("ml", "archive"), ("ml", "classify")]
)
def test_requests_are_those_agreed_on(room: str, other: str) -> None:
    assert services_called(room, other) - REQUESTS.get((room, other), set()) == set()


def test_templates_include_only_their_own_and_upstream_rooms() -> None:
    found = []
    for path in tracked():
        name = path.relative_to(ROOT)
        if name.parts[0] != "templates" or path.suffix != ".html" or name.parts[1] not in UPSTREAM:
            continue
        for target in re.findall(r"{%-?\s*(?:include|extends)\s+[\"']([^\"']+)", path.read_text()):
            room = target.split("/")[0]
            if room in UPSTREAM and room != name.parts[1] and room not in UPSTREAM[name.parts[1]]:
                found.append(f"{name} -> {target}")

    assert found == []


# Answers are rows that the team writes. These files make the first workflows, and the simulated volunteers who answer them.
KNOW_ANSWERS = ("classify/seeds.py", "classify/former.py", "classify/texts", "classify/guide_texts", "hunter/demo/")
# How programs and shells say true and false, which is no answer to anything.
_SWITCHES = re.compile(r"\"true\"|options\[|setItem|getItem")


def test_only_the_first_workflows_know_an_answer() -> None:
    """In `ml`, yes and no are words of a training set: what an answer means to the detector stands in the policy of its workflow."""
    answer = re.compile(r"""["'](yes|no|impossible|artefact)["']""")
    code = [(str(path.relative_to(ROOT)), path) for path in tracked() if path.suffix in {".py", ".js", ".html"} and "migrations" not in path.parts]
    rooms = [row for row in code if row[0].startswith(("classify/", "talk/", "archive/", "core/", "hunter/", "static/js/", "templates/"))]
    found = [
        f"{name}: {line.strip()}"
        for name, path in rooms
        if not name.startswith(KNOW_ANSWERS)
        for line in path.read_text().splitlines()
        if answer.search(line) and not _SWITCHES.search(line) and "nothing here knows" not in line
    ]

    assert len(rooms) > 100
    assert found == []


def test_no_room_knows_a_workflow_by_its_name() -> None:
    """What the software looks for in a workflow is its purpose. A slug stands as a default of commands and of the labels' API only."""
    slug = re.compile(
        r"""(slug\w*|workflow)\)? ?(==|=|in|!=) ?\(?["'](training|classify|review|satellites)["']|/classify/(training|classify|review|satellites)/"""
    )
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in tracked()
        if path.suffix in {".py", ".js", ".html"}
        and path.relative_to(ROOT).parts[0] in {*ROOMS, "static", "templates"}
        and "migrations" not in path.parts
        for line in path.read_text().splitlines()
        if slug.search(line) and not str(path.relative_to(ROOT)).startswith(KNOW_ANSWERS)
    ]

    assert found == []


def test_every_setting_is_documented() -> None:
    page = (ROOT / "docs/reference/settings.md").read_text()
    documented = set(re.findall(r"`([A-Z][A-Z0-9_]+)`", page))
    elsewhere = [ROOT / "run", *(path for _, path in python_files("tests", "hunter"))]
    read = {name for path in elsewhere for name in re.findall(r"environ(?:\.get\(|\[)\"((?:HUNTER|TORCH)_\w+|PORT|PG_BIN)\"", path.read_text())}

    assert (set(KNOBS) | read) - documented == set()
    assert {name for name in documented if name.startswith("HUNTER_")} - set(KNOBS) - read == set()


def test_every_command_is_documented() -> None:
    page = (ROOT / "docs/reference/commands.md").read_text()
    ours = {name for name, app in get_commands().items() if app in ROOMS}

    assert {name for name in ours if f"`{name}" not in page and f"manage {name}" not in page} == set()


def test_locks_carry_hashes_and_no_address() -> None:
    for lock in sorted((ROOT / "requirements").glob("*.txt")):
        text = lock.read_text()
        packages = re.findall(r"(?m)^\S+==\S+", text)

        assert "://" not in text
        assert len(re.findall(r"(?m)^\S+==[^\n]*\\\n    --hash=", text)) == len(packages) > 0


def test_changelog_has_an_unreleased_part() -> None:
    assert re.search(r"(?m)^## \[?Unreleased", (ROOT / "CHANGELOG.md").read_text())


def test_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 120


def test_every_test_asserts_something() -> None:
    asserts = re.compile(r"\bassert\b|pytest\.raises\(|\bexpect\(|wait_until\(|\w*assert_\w+\(|\bcheck_\w+\(|\bvalidate\(")
    everything = [(name, f) for name, path in python_files("tests") for f in functions(path)]
    helpers = {f.name for _, f in everything if not f.name.startswith("test_") and asserts.search(ast.unparse(f))}
    calls = re.compile(rf"\b(?:{'|'.join(helpers)})\(")
    found = [
        f"{name}:{f.name}"
        for name, f in everything
        if f.name.startswith("test_") and not asserts.search(ast.unparse(f)) and not calls.search(ast.unparse(f))
    ]

    assert found == []
