"""The house rules that no linter knows; CONTRIBUTING.md explains them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from clary.engine.record import Record, Unbuilt
from clary.services.sagemaker import KINDS

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src/clary"
TESTS = ROOT / "tests"

LONGEST = 400
LONG = ("tests/gateway/test_invocation.py", "tests/services/sagemaker/test_training_job.py")
"""Files above the limit, whose first docstring says why. This list may only shrink."""

VAGUE = {"utils", "util", "helpers", "helper", "common", "misc", "base", "models"}

READERS = (
    "app/settings.py",  # where a server keeps its data unless told otherwise
    "cli/quickstart.py",  # passes the user's environment on to the walk
    "compute/payload.py",  # replaces a run's environment by its spec's
    "testing/executor_payload.py",  # tells the contract tests what a run sees
    "toolkit/environment.py",  # what a job learns from its container
)
"""The only modules that touch the environment of their process."""

TIERS = ("contract", "e2e", "sdks")
"""Folders of tests that stand for a tier and not for a package."""


def sources() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def everything() -> list[Path]:
    folders = ("src", "tests", "examples", "benchmarks")
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def docstring(path: Path) -> str:
    return ast.get_docstring(ast.parse(path.read_text())) or ""


def sentence(text: str) -> str:
    """Return the first sentence on one line, without its full stop."""
    paragraph = " ".join(text.partition("\n\n")[0].split())
    return re.split(r"\.(?=\s|$)", paragraph)[0]


def test_no_file_is_longer_than_can_be_read_at_once() -> None:
    long = {name(path) for path in everything() if len(path.read_text().splitlines()) > LONGEST}
    assert long == set(LONG)
    for path in LONG:
        assert "lines" in docstring(ROOT / path), f"{path} does not say why it is long"


def test_every_module_opens_with_one_sentence() -> None:
    for path in sources():
        opening = docstring(path).split("\n\n")[0]
        assert opening.endswith("."), f"{name(path)}: {opening!r}"


@pytest.mark.parametrize("package", sorted(path.parent.name for path in SOURCE.glob("*/__init__.py")))
def test_the_map_says_of_every_package_what_the_package_says(package: str) -> None:
    said = sentence(docstring(SOURCE / package / "__init__.py"))
    architecture = " ".join((ROOT / "ARCHITECTURE.md").read_text().split())
    assert said in architecture, f"ARCHITECTURE.md does not say of {package}: {said}"


def test_names_are_nouns_that_tell() -> None:
    vague = [name(path) for path in everything() if path.stem in VAGUE or path.parent.name in VAGUE]
    assert vague == []


def test_every_test_file_has_the_source_it_tests() -> None:
    strays = []
    for path in sorted(TESTS.glob("*/**/test_*.py")):
        inside = path.relative_to(TESTS)
        if inside.parts[0] in TIERS:
            continue
        stem = path.stem.removeprefix("test_")
        source = SOURCE / inside.parent / stem
        if not (source.with_suffix(".py").is_file() or (source / "__init__.py").is_file()):
            strays.append(name(path))
    assert strays == []


def _environment_uses(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "environb", "getenv", "putenv"):
            yield node.attr
        if isinstance(node, ast.ImportFrom) and node.module == "os":
            yield from (alias.name for alias in node.names if alias.name in ("environ", "getenv"))


def test_the_environment_is_touched_in_few_places() -> None:
    users = [path for path in sources() if any(_environment_uses(ast.parse(path.read_text())))]
    assert [path.relative_to(SOURCE).as_posix() for path in users] == list(READERS)


def test_the_engine_knows_no_kind_by_name() -> None:
    nouns = {kind.noun for kind in KINDS} | {kind.resource for kind in KINDS}
    plain = {noun for noun in nouns if not noun.isalpha() or len(re.findall("[A-Z]", noun)) > 1}
    words = "|".join(sorted(nouns - plain))  # ordinary words: names of kinds only as strings of their own
    pattern = re.compile("|".join(sorted(plain)) + rf"|['\"]({words})['\"]")
    for path in sorted((SOURCE / "engine").rglob("*.py")):
        found = pattern.search(path.read_text())
        assert found is None, name(path)


def test_nothing_is_left_to_be_done() -> None:
    marks = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    assert [name(path) for path in everything() if marks.search(path.read_text())] == []


def _outline(text: str) -> tuple[list[int], list[str]]:
    """Return the levels of a page's headings and its code blocks."""
    blocks = re.findall(r"^```.*?^```", text, re.MULTILINE | re.DOTALL)
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return [len(mark) for mark in re.findall(r"^(#+) ", prose, re.MULTILINE)], blocks


def test_the_two_readmes_have_one_outline() -> None:
    english = _outline((ROOT / "README.md").read_text())
    chinese = _outline((ROOT / "README.zh-CN.md").read_text())
    assert english[0] == chinese[0]
    assert len(english[1]) == len(chinese[1])
    assert english[0], "a page without headings has no outline"


def test_kinds_are_registered_in_one_visible_tuple() -> None:
    text = (SOURCE / "services/sagemaker/__init__.py").read_text()
    for kind in KINDS:
        assert f"{type(kind).__name__}(" in text or type(kind) in (Record, Unbuilt)
    own = [kind for kind in KINDS if type(kind) not in (Record, Unbuilt)]
    files = {path.stem for path in (SOURCE / "services/sagemaker").glob("*.py")}
    tables = {"__init__", "records", "unbuilt"}
    assert files - tables == {re.sub(r"(?<!^)(?=[A-Z])", "_", kind.noun).lower() for kind in own}
