"""The GPU check without a GPU: it runs on the CPU at tiny sizes, and finds injected faults."""

import os
from collections.abc import Iterator

import pytest
import torch
from tests.gpu import __main__ as command
from tests.gpu.all_parts import PARTS
from tests.gpu.parts import Finding, Part, Report, Target, checked, run_part
from tests.gpu.report import markdown

from superpos_core.engine.torch.cohort import TorchCohort
from superpos_core.engine.torch.counter_random import CounterRandom

TINY = Target("cpu", tiny=True)
SECONDS = 300.0
BY_NAME = {part.name: part for part in PARTS}
SLOW = ("exports", "resumed")
"""Parts whose like is tested elsewhere, on the CPU."""


@pytest.mark.skipif(os.name == "nt", reason="one part needs a pseudo-terminal")
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.thorough if name in SLOW else ()) for name in BY_NAME],
)
@pytest.mark.sampled(2)
def test_every_part_runs_and_passes(name: str) -> None:
    report = run_part(BY_NAME[name], TINY, SECONDS)
    assert len(report.findings) > 1
    wrong = [finding for finding in report.findings if finding.passed is not True]
    assert wrong == []


# ── injected faults are found ─────────────────────────────────────────────────────────────────


def failed(name: str) -> set[str]:
    """The names of the checks that failed in a part."""
    report = run_part(BY_NAME[name], TINY, SECONDS)
    assert report.failed
    return {finding.what for finding in report.findings if finding.passed is False}


def test_different_draws_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each new engine draws differently from the previous one, as devices might."""
    draw, made = CounterRandom.uniform_pairs, iter(range(10**6))

    def differently(
        random: CounterRandom, counters: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        shift = random.__dict__.setdefault("shift", next(made))
        return draw(random, counters + shift)

    monkeypatch.setattr(CounterRandom, "uniform_pairs", differently)
    wrong = failed("conformance")
    assert {"draws: uniform", "2 models, uniform, adamw", "the same config again"} <= wrong
    assert "whole datasets" not in wrong


def test_tf32_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every second engine multiplies with ten bits, as if one of the devices did."""
    multiply, made = TorchCohort._losses, iter(range(10**6))

    def roughly(cohort: TorchCohort, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        if cohort.__dict__.setdefault("index", next(made)) // 2 % 2:
            x = (x.contiguous().view(torch.int32) & ~0x1FFF).view(torch.float32)
        return multiply(cohort, x)

    monkeypatch.setattr(TorchCohort, "_losses", roughly)
    assert "2 models, uniform, adamw" in failed("conformance")


def test_a_value_fixed_by_a_recording_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here a learning rate that is read while a step is recorded."""
    step = torch.optim.AdamW.step

    def deaf(optimizer: torch.optim.AdamW) -> None:
        group = optimizer.param_groups[0]
        rate, group["lr"] = group["lr"], float(group["lr"])
        step(optimizer)
        group["lr"] = rate

    monkeypatch.setattr(torch.optim.AdamW, "step", deaf)
    wrong = failed("captures")
    assert "linear rates after a warm-up" in wrong
    assert "fresh rows" not in wrong


def test_useless_advice_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("superpos_core.engine.torch.memory.batch_that_fits", lambda *given: 0)
    assert failed("shortage") == {"too many rows", "the suggested batch"}


def test_a_program_that_fails_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.gpu.exports.TINY", {"twenty": ("--steps", "none")})
    report = run_part(BY_NAME["exports"], TINY, SECONDS)
    (finding,) = report.findings
    assert finding.passed is False
    assert "exit code 2" in finding.result
    assert "--steps" in finding.result


# ── parts fail alone, and nothing is omitted silently ─────────────────────────────────────────


def three(target: Target) -> Iterator[Finding]:
    """Two findings, and then an unexpected error."""
    yield checked("first", lambda: "seen")
    yield checked("second", divmod, 1, 0)  # type: ignore[arg-type]
    raise RuntimeError("CUDA error: | of\nthe device")


FINE = Part("fine", "a part that is fine", 0.5, lambda target: iter([Finding("all", "is well")]))
BROKEN = Part("broken", "a part that breaks", 0.3, three)
WITHOUT = Part("without", "a part without its package", 0.2, three, ("torch", "no_such_package"))
EMPTY = Part("empty", "a part that checks nothing", 0.1, lambda target: iter([]))


def test_a_part_that_breaks_ends_no_other_and_keeps_what_it_found() -> None:
    reports = command.check_all([BROKEN, FINE], TINY, SECONDS, run_part)
    assert [report.failed for report in reports] == [True, False]
    passed = [(finding.what, finding.passed) for finding in reports[0].findings]
    assert passed == [("first", True), ("second", False), ("the rest", False)]
    assert "ZeroDivisionError" in reports[0].findings[1].result


def test_a_part_that_checks_nothing_has_failed() -> None:
    assert run_part(EMPTY, TINY, SECONDS).failed


def test_running_out_of_time_is_reported() -> None:
    times = iter([0.0, 5.0, 100.0, 100.0])
    report = run_part(BROKEN, TINY, 60.0, clock=lambda: next(times))
    assert [finding.what for finding in report.findings] == ["first", "second", "the rest"]
    assert "out of time after 2" in report.findings[-1].result


def test_unused_time_of_a_part_goes_to_those_after_it() -> None:
    given: list[float] = []

    def at_once(part: Part, target: Target, seconds: float) -> Report:
        given.append(seconds)
        return Report(part.name, 0.0, (Finding("all", "is well"),))

    command.check_all([BROKEN, FINE], TINY, 800.0, at_once)
    assert given == pytest.approx([300.0, 800.0], abs=1.0)


def test_the_table_lists_passed_failed_and_skipped_checks() -> None:
    parts = [BROKEN, WITHOUT, FINE]
    reports = command.check_all(parts, TINY, SECONDS, run_part)
    table = markdown({"device": "none"}, parts, reports).splitlines()
    assert "| a part that breaks | 1 passed, 2 FAILED | 0 |" in table
    assert "| · the rest | FAILED: RuntimeError: CUDA error: / of the device | |" in table
    assert "| · a part without its package | skipped: no_such_package not installed | |" in table
    assert not reports[1].failed


def test_speeds_have_their_own_table() -> None:
    numbers = {"lanes": 10.0, "on the device": 12345.6, "fused": 987.0}
    report = Report("speed", 3.0, (Finding("20→5", "…", numbers=numbers),))
    table = markdown({"device": "a GPU"}, PARTS, [report])
    assert "| steps/s | lanes | torch on a GPU | fused on " in table
    assert "| 20→5 | 10 | 12,300 (13×) | 987 | – |" in table


# ── the command ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.thorough
def test_a_part_runs_in_its_own_process(capfd: pytest.CaptureFixture[str]) -> None:
    report = command.in_its_own_process(BY_NAME["shortage"], TINY, SECONDS)
    assert not report.failed
    assert len(report.findings) == 3
    assert report.seconds > 0
    assert capfd.readouterr().out == ""


def test_a_process_that_does_not_end_is_killed() -> None:
    report = command.in_its_own_process(BY_NAME["conformance"], TINY, 0.01)
    assert report.failed
    assert "still running" in report.findings[-1].result


def test_a_process_that_crashes_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "ROOT", "/")  # a folder without tests
    monkeypatch.setattr(command, "SOURCES", [])
    monkeypatch.delenv("PYTHONPATH", raising=False)
    report = command.in_its_own_process(BY_NAME["shortage"], TINY, SECONDS)
    assert [finding.result for finding in report.findings] == ["its process ended with exit code 1"]


def test_the_exit_code_says_whether_all_passed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "in_its_own_process", run_part)
    monkeypatch.setattr(command, "PARTS", (FINE, WITHOUT))
    assert command.main(["--device", "cpu"]) == 0
    monkeypatch.setattr(command, "PARTS", (FINE, BROKEN))
    assert command.main(["--device", "cpu"]) == 1
    assert command.main(["--device", "cpu", "--part", "no such part"]) == 1
    capsys.readouterr()
    assert command.main(["--device", "cuda:99"]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("--device cuda:99: ")
    assert shown.err.count("\n") == 1
