"""An installed torch is kept: the environment does not download another."""

import os
from collections.abc import Callable
from pathlib import Path

import environment
import pytest
from environment import prepare
from tests.launcher.stand_ins import Commands, is_complete

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-ins are made for POSIX")
TORCH_TO_KEEP = environment._torch_to_keep


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site-packages with a torch 2.9 that requires a certain sympy."""
    folder = tmp_path / "site-packages"
    (folder / "torch").mkdir(parents=True)
    add_metadata(folder, "torch", "2.9.1+cu130", "sympy==1.13.1", "opt_einsum; extra == 'einsum'")
    add_metadata(folder, "sympy", "1.13.1")
    monkeypatch.syspath_prepend(folder)
    return folder


def add_metadata(folder: Path, name: str, version: str, *needs: str) -> None:
    """Write the metadata of an installed package."""
    lines = [f"Name: {name}", f"Version: {version}", *(f"Requires-Dist: {need}" for need in needs)]
    (folder / f"{name}-{version}.dist-info").mkdir()
    (folder / f"{name}-{version}.dist-info/METADATA").write_text("\n".join(lines) + "\n")


@pytest.fixture
def kept(
    checkout: Path, site: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], str]:
    """A set-up that looks for a torch; it returns the content of the .pth file, '' without one."""
    monkeypatch.setattr(environment, "_torch_to_keep", TORCH_TO_KEEP)

    def prepared() -> str:
        prepare("program", checkout)
        links = list((checkout / ".venv/lib").glob(f"*/site-packages/{environment.KEPT_TORCH}"))
        return links[0].read_text() if links else ""

    return prepared


def test_an_installed_torch_is_kept_with_its_dependencies(
    checkout: Path, site: Path, kept: Callable[[], str]
) -> None:
    assert kept() == f"{site}\n"
    assert (checkout / ".venv/constraints.txt").read_text() == "# pins\nrich==15.0\n"
    assert is_complete(checkout, "program")


def test_an_environment_whose_kept_torch_is_gone_is_incomplete(
    checkout: Path, site: Path, kept: Callable[[], str]
) -> None:
    kept()
    site.rename(site.parent / "elsewhere")
    assert not is_complete(checkout, "program")


def test_a_torch_that_is_too_old_is_not_kept(checkout: Path, kept: Callable[[], str]) -> None:
    (checkout / "pyproject.toml").write_text('dependencies = ["torch>=2.10"]\n')
    assert kept() == ""
    assert "torch==2.13.0" in (checkout / ".venv/constraints.txt").read_text()


def test_the_environments_own_torch_is_not_kept(checkout: Path, site: Path) -> None:
    assert environment._torch_to_keep(checkout, checkout / ".venv") == site
    assert environment._torch_to_keep(checkout, site.parent) is None
