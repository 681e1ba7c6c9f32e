"""PyTorch files: read in a child process, which neither runs anything nor takes all memory."""

import io
import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.core.files.weights.hostile import Runs
from tests.core.files.weights.modules import DecomposedModel, NotebookModel, Prefixed, numbers

from superpos_core.errors import InvalidValue
from superpos_core.files.weights import torch_child, torch_files
from superpos_core.files.weights.opening import open_weights
from superpos_core.record.lanes import LanesRecord

torch = pytest.importorskip("torch", reason="only torch writes and reads its files")


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the child's code run here: a process of its own would load torch for every case."""

    def run(command: list[str], **options: Any) -> "subprocess.CompletedProcess[bytes]":
        _, _, _, *arguments = command
        reports: list[dict[str, Any]] = []
        monkeypatch.setattr(torch_child, "_report", lambda **facts: reports.append(facts))
        torch_child.run(arguments)
        return subprocess.CompletedProcess(command, 0, json.dumps(reports[-1]).encode())

    monkeypatch.setattr(torch_child, "_limit_resources", lambda memory: None)
    monkeypatch.setattr(subprocess, "run", run)


def opened(path: Path) -> LanesRecord:
    return open_weights(path).record_as(LanesRecord)


def refusal(path: Path) -> str:
    with pytest.raises(InvalidValue) as refused:
        open_weights(path)
    message = str(refused.value)
    assert message.isprintable()
    return message


def test_a_state_dict_in_a_real_child(tmp_path: Path) -> None:
    model = NotebookModel(2, 5, 2)
    torch.save(model.state_dict(), tmp_path / "model.pt")
    cohort = opened(tmp_path / "model.pt").cohorts["tied"]
    np.testing.assert_array_equal(cohort.parameters.encoder, numbers(model.W))


def test_a_pickle_that_would_run_code_does_not(tmp_path: Path) -> None:
    torch.save({"W": Runs(f"touch {tmp_path}/executed")}, tmp_path / "model.pt")
    assert "system" in refusal(tmp_path / "model.pt")
    assert not (tmp_path / "executed").exists()


def test_a_child_that_takes_too_much_memory_or_time_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "child.py").write_text("import time\nwhile True: time.sleep(1)\n")
    torch.save({}, tmp_path / "model.pt")
    monkeypatch.setattr(torch_files, "CHILD", tmp_path / "child.py")
    monkeypatch.setattr(torch_files, "TIMEOUT", 0.2)
    assert "took more than" in refusal(tmp_path / "model.pt")
    monkeypatch.undo()
    program = (
        "import numpy, sys; sys.path[:0] = [sys.argv[1]]; import torch_child as child\n"
        "child._limit_resources(64 << 20)\n"
        "try: numpy.ones(64 << 20)\n"
        "except MemoryError: print('refused')\n"
    )
    folder = str(Path(torch_child.__file__).parent)
    done = subprocess.run(
        [sys.executable, "-c", program, folder], capture_output=True, text=True, check=True
    )
    assert done.stdout == "refused\n"


@pytest.mark.usefixtures("in_this_process")
def test_without_torch_the_message_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.save({"W": torch.ones(5, 2)}, tmp_path / "w")
    monkeypatch.setitem(sys.modules, "torch", None)
    assert "PyTorch, which reads it, cannot be loaded" in refusal(tmp_path / "w")


@pytest.mark.usefixtures("in_this_process")
class TestContents:
    """The child's code, for many kinds of file."""

    def test_a_checkpoint_holds_more_than_weights(self, tmp_path: Path) -> None:
        model = DecomposedModel(5, 2, tied=True)
        moments = {"exp_avg": torch.ones(2, 5), "exp_avg_sq": torch.ones(2, 5)}
        checkpoint = {
            "epoch": 3,
            "config": {"lr": 0.1, "name": "mine"},
            "model": Prefixed(model).state_dict(),
            "optimizer": {"state": {0: moments}, "param_groups": [{"lr": 0.1}]},
            "losses": [0.3, 0.2],
        }
        torch.save(checkpoint, tmp_path / "model.ckpt")
        cohort = opened(tmp_path / "model.ckpt").cohorts["tied"]
        np.testing.assert_array_equal(cohort.parameters.encoder[0], numbers(model.linear1.weight).T)

    def test_the_format_before_archives(self, tmp_path: Path) -> None:
        W = torch.randn(5, 2)
        arrays = {"W": W, "b": torch.zeros(5)}
        torch.save(arrays, tmp_path / "w", _use_new_zipfile_serialization=False)
        parameters = opened(tmp_path / "w").cohorts["tied"].parameters
        np.testing.assert_array_equal(parameters.encoder[0], W)

    def test_a_bare_tensor_of_any_float(self, tmp_path: Path) -> None:
        for dtype in (torch.float64, torch.bfloat16, torch.float8_e4m3fn):
            torch.save(torch.ones(5, 2).to(dtype), tmp_path / "w")
            assert opened(tmp_path / "w").config.features == 5

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (lambda: NotebookModel(1, 5, 2), "NotebookModel"),
            (lambda: {"W": torch.ones(1).expand(5, 2)}, "larger than the bytes"),
            (lambda: {"W": torch.ones(1).expand(10**6, 10**6)}, "larger than the bytes"),
            (lambda: {"W": torch.eye(5).to_sparse()}, "no arrays"),
            (lambda: {"W": torch.ones(5, 2, dtype=torch.complex64)}, "no arrays"),
            (lambda: {"W": torch.ones(5, 2, dtype=torch.int64)}, "no weights"),
            (lambda: {"W": np.ones((5, 2))}, "numpy"),
            (lambda: {"W": torch.full((5, 2), torch.nan)}, "not finite"),
            (dict, "no arrays"),
            (lambda: "W", "no arrays"),
            (lambda: {"a\nb": torch.ones(2, 2, 2, 2)}, "no weights"),
            (lambda: nested(30), "nested too deeply"),
        ],
    )
    def test_other_contents_are_refused(
        self, content: Callable[[], Any], reason: str, tmp_path: Path
    ) -> None:
        torch.save(content(), tmp_path / "w")
        assert reason in refusal(tmp_path / "w")

    def test_a_truncated_file_is_refused(self, tmp_path: Path) -> None:
        file = io.BytesIO()
        torch.save({"W": torch.ones(5, 2)}, file)
        for end in (100, len(file.getvalue()) // 2, len(file.getvalue()) - 1):
            (tmp_path / "w").write_bytes(file.getvalue()[:end])
            assert str(tmp_path / "w") in refusal(tmp_path / "w")

    def test_a_legacy_file_with_another_pickle_is_refused(self, tmp_path: Path) -> None:
        magic = pickle.dumps(0x1950A86A20F9469CFC6C, protocol=2)
        (tmp_path / "w").write_bytes(magic + pickle.dumps(Runs("touch executed"), protocol=2))
        refusal(tmp_path / "w")
        assert not Path("executed").exists()


def nested(depth: int) -> Any:
    return {"a": nested(depth - 1)} if depth else torch.ones(5, 2)
