"""Modules, classes and functions stay small enough to be read in one go."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
MAX_LINES = {"module": 300, "class": 250, "function": 50}


def sizes() -> Iterator[tuple[str, str, int]]:
    """Each module, class and function: its kind, its name and its lines."""
    for folder in ("core", "tui", "tests", "screenshots"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = str(path.relative_to(ROOT))
            text = path.read_text()
            yield "module", name, text.count("\n")
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                    kind = "class" if isinstance(node, ast.ClassDef) else "function"
                    assert node.end_lineno is not None
                    yield kind, f"{name}:{node.name}", node.end_lineno - node.lineno + 1


def too_long() -> dict[str, int]:
    """The lines of everything that is longer than its kind may be."""
    return {name: lines for kind, name, lines in sizes() if lines > MAX_LINES[kind]}


def test_nothing_is_longer_than_its_kind_may_be() -> None:
    assert too_long() == {}
