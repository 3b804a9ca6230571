"""What holds for the whole tree, and no linter knows."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = [
    ROOT / "config.py",
    ROOT / "wsgi.py",
    *sorted((ROOT / "webapp").rglob("*.py")),
    *sorted((ROOT / "tasks").rglob("*.py")),
]


def where(pattern: str, *, but: tuple[str, ...] = ()) -> list[str]:
    """Modules of the product in whose code the pattern stands."""
    return [
        path.relative_to(ROOT).as_posix()
        for path in PRODUCT
        if re.search(pattern, path.read_text()) and path.relative_to(ROOT).as_posix() not in but
    ]


def test_only_transaction_commits():
    assert where(r"\.commit\(") == ["webapp/db.py"]


def test_only_config_reads_the_environment():
    found = where(r"os\.environ|getenv", but=("config.py",))

    # The launcher hands the environment on to its children; it takes no setting from it.
    assert [name for name in found if not name.startswith("webapp/embedded/")] == []


def test_only_the_clock_says_what_now_is():
    found = where(r"datetime\.now\(|utcnow|date\.today\(|time\.time\(", but=("webapp/clock.py",))

    # The launcher measures how long its children take.
    assert [name for name in found if not name.startswith("webapp/embedded/")] == []


def test_no_module_is_called_after_nothing():
    names = {path.stem for path in PRODUCT} | {path.parent.name for path in PRODUCT}

    assert names & {"utils", "util", "helpers", "common", "misc"} == set()


def test_no_model_is_called_what_a_library_calls_something_else():
    defined = {
        node.name
        for path in (ROOT / "webapp/models").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
    }

    assert defined & {"Session", "Event", "Request", "Task"} == set()


@pytest.mark.parametrize("path", PRODUCT, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_module_and_public_function_says_what_it_is_for(path: Path):
    tree = ast.parse(path.read_text())
    public = [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
    ]
    silent = [node.name for node in public if not ast.get_docstring(node)]
    if not ast.get_docstring(tree):
        silent.append("the module")
    assert silent == []


def test_migrations_are_one_line():
    heads = {}
    for path in (ROOT / "migrations/versions").glob("*.py"):
        text = path.read_text()
        revision = re.search(r'^revision = "(\w+)"', text, re.M)
        down = re.search(r'^down_revision = (None|"(\w+)")', text, re.M)
        assert revision, path.name
        assert down, path.name
        heads[revision[1]] = down[2]
        assert path.name.startswith(f"{revision[1]}_")
    numbers = sorted(heads)

    assert [heads[number] for number in numbers] == [None, *numbers[:-1]]
