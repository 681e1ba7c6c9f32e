"""Which engine trains, and where: what is chosen, what is refused, and where torch is broken."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from superpos_core.engine.choice import GPU_THRESHOLD, EngineChoice
from superpos_core.errors import EngineError, InvalidValue
from superpos_core.experiments import EXPERIMENTS, neural_scaling
from superpos_core.task.config import ExperimentConfig

SMALL = ExperimentConfig(
    "small", features=5, hidden=2, models=("tied",), sparsities=(0.0,), batch=4, steps=5
)
LARGE = ExperimentConfig(
    "large",
    features=400,
    hidden=20,
    models=("tied",),
    sparsities=(0.0,),
    importance=1.0,
    batch=2,
    steps=5,
)


# ── names ─────────────────────────────────────────────────────────────────────────────────────


def test_capitals_make_no_difference() -> None:
    assert EngineChoice("FUSED", "CPU") == EngineChoice("fused", "cpu")
    assert EngineChoice("Torch", "CUDA:1").device == "cuda:1"


@pytest.mark.parametrize(
    ("device", "words"),
    [
        ("cuda:x", "did you mean cuda"),
        ("cuda:-1", "did you mean cuda"),
        ("cuda:", "did you mean cuda"),
        ("cpu:3", "did you mean cpu?"),
        ("gpu", "did you mean cpu?"),
        ("mpss", "did you mean mps?"),
        ("", "device ''"),
        ("meta", "no such device"),
        ("cuda:٣", "did you mean cuda"),
    ],
)
def test_an_unknown_device_is_rejected_without_torch(device: str, words: str) -> None:
    with pytest.raises(InvalidValue, match="choose cpu, cuda, cuda:N, mps or auto") as caught:
        EngineChoice(device=device)
    assert words in str(caught.value)


def test_the_fused_engine_is_rejected_on_other_devices_than_the_cpu() -> None:
    for device in ("cuda", "cuda:0", "mps"):
        with pytest.raises(InvalidValue, match="runs on cpu"):
            EngineChoice("fused", device)
    assert EngineChoice("fused", "auto").device == "auto"


# ── auto ──────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def devices(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[str]], None]:
    """Says which devices torch sees; the engines that are made for them run on the CPU."""

    def see(names: list[str]) -> None:
        target = "superpos_core.engine.torch.devices.available_devices"
        monkeypatch.setattr(target, lambda: names)

    return see


def device_chosen(choice: EngineChoice, config: ExperimentConfig) -> str:
    return choice._device_for(config)


def test_auto_chooses_a_gpu_only_for_large_matrices(devices: Callable[[list[str]], None]) -> None:
    devices(["cpu", "cuda:0", "cuda:1"])
    assert LARGE.features * LARGE.hidden == GPU_THRESHOLD
    assert device_chosen(EngineChoice(device="auto"), LARGE) == "cuda:0"
    assert device_chosen(EngineChoice(device="auto"), SMALL) == "cpu"
    assert device_chosen(EngineChoice("fused", "auto"), LARGE) == "cpu"
    assert device_chosen(EngineChoice(device="cuda:1"), SMALL) == "cuda:1"


def test_auto_chooses_the_cpu_without_a_gpu(devices: Callable[[list[str]], None]) -> None:
    for names in (["cpu"], ["cpu", "mps"]):
        devices(names)
        assert device_chosen(EngineChoice(device="auto"), LARGE) == "cpu"


def test_auto_needs_no_torch_for_any_experiment_of_the_paper() -> None:
    later = {each.name for each in neural_scaling.EXPERIMENTS}
    configs = [each.config for name, each in EXPERIMENTS.items() if name not in later]
    assert max(config.features * config.hidden for config in configs) < GPU_THRESHOLD


# ── a torch that is broken ────────────────────────────────────────────────────────────────────

# What torch.py holds, and a word of it that must be passed on.
BROKEN = {
    "half installed": ("raise ImportError('libtorch_cpu.so:\\nno such file')", "libtorch_cpu"),
    "for another Python": ("match = = 3", "SyntaxError"),
    "without its library": ("raise OSError('libcudart.so.13 is missing')", "libcudart"),
    "only called so": ("", "AttributeError"),
    "without a word": ("raise RuntimeError", "RuntimeError"),
}
OURS = (
    "captured_step", "cohort", "counter_random", "descent", "devices", "engine", "failures",
    "memory", "rows",
)  # fmt: skip


@pytest.fixture
def with_torch(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """Puts another torch in the place of the real one, until the end of the test."""

    def put(source: str) -> None:
        (tmp_path / "torch.py").write_text(source)
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(sys.modules, "torch", raising=False)
        for name in OURS:
            monkeypatch.delitem(sys.modules, f"superpos_core.engine.torch.{name}", raising=False)
            monkeypatch.delattr(f"superpos_core.engine.torch.{name}", raising=False)

    return put


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_torch_is_reported_for_the_option_that_requested_it(
    case: str, with_torch: Callable[[str], None]
) -> None:
    source, word = BROKEN[case]
    with_torch(source)
    for choice, ending in (
        (EngineChoice(engine="torch"), "fused or auto"),
        (EngineChoice(device="cuda"), "cpu"),
    ):
        for ask in (choice.check, lambda choice=choice: choice.make(SMALL)):
            with pytest.raises(InvalidValue) as caught:
                ask()
            line = str(caught.value)
            assert line.startswith(("engine torch: torch cannot", "device cuda: torch cannot"))
            assert word in line
            assert line.endswith(f"; choose {ending}")
            assert "\n" not in line


@pytest.mark.parametrize(
    "choice", [EngineChoice(), EngineChoice("fused"), EngineChoice("auto", "auto")]
)
def test_a_broken_torch_is_ignored_if_not_requested(
    choice: EngineChoice, with_torch: Callable[[str], None]
) -> None:
    with_torch("raise AssertionError('imported')")
    choice.check()
    engine = choice.make(SMALL)
    assert engine.name == "fused"
    engine.close()


def test_auto_chooses_the_cpu_if_torch_is_broken(with_torch: Callable[[str], None]) -> None:
    with_torch("raise ImportError('broken')")
    assert device_chosen(EngineChoice(device="auto"), LARGE) == "cpu"


def test_a_long_error_is_shortened(with_torch: Callable[[str], None]) -> None:
    with_torch("raise ImportError('broken ' * 1000)")
    with pytest.raises(InvalidValue) as caught:
        EngineChoice(engine="torch").check()
    assert 100 < len(str(caught.value)) < 500


# ── a fused engine that cannot run ────────────────────────────────────────────────────────────


@pytest.fixture
def without_a_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: object) -> None:
        raise OSError("no compiler for this processor")

    monkeypatch.setattr("superpos_core.engine.fused.engine.FusedEngine.__init__", broken)


@pytest.mark.usefixtures("without_a_compiler")
def test_torch_is_the_fallback_if_the_compiler_fails() -> None:
    news: list[str] = []
    engine = EngineChoice().make(SMALL, news.append)
    assert (engine.name, engine.device) == ("torch", "cpu")
    assert len(news) == 1
    assert "no compiler for this processor" in news[0]


@pytest.mark.usefixtures("without_a_compiler")
def test_a_requested_fused_engine_has_no_fallback() -> None:
    with pytest.raises(InvalidValue, match=r"OSError: no compiler .*; choose torch or auto"):
        EngineChoice(engine="fused").make(SMALL)


@pytest.mark.usefixtures("without_a_compiler")
def test_if_no_engine_can_run_both_reasons_are_reported(with_torch: Callable[[str], None]) -> None:
    with_torch("raise ImportError('half a torch')")
    with pytest.raises(EngineError, match=r"no compiler.*half a torch"):
        EngineChoice().make(SMALL)
