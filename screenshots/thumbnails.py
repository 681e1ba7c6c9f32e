"""Remake the gallery's thumbnails: `python3 screenshots/thumbnails.py [NAME …]`.

It trains each experiment, at the setting that shows most, and keeps the numbers of a small picture.
Run it with the Python of the project's environment; it takes a few minutes.
"""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / source) for source in ("", "core", "tui")]

from superpos_core.analysis.dictionaries.hedging import hedging_of  # noqa: E402  importable now
from superpos_core.analysis.dictionaries.of_record import score_of  # noqa: E402
from superpos_core.analysis.hidden_noise import noise_responses  # noqa: E402
from superpos_core.analysis.hysteresis import hystereses  # noqa: E402
from superpos_core.analysis.scaling import scaling_of  # noqa: E402
from superpos_core.arrays import FloatArray  # noqa: E402
from superpos_core.experiments import EXPERIMENTS, Experiment, experiment_named  # noqa: E402
from superpos_core.geometry.measures import feature_dimensionality, gram, superposition  # noqa: E402
from superpos_core.record.dictionaries import DictionaryRecord  # noqa: E402
from superpos_core.record.lanes import Cohort, LanesRecord  # noqa: E402
from superpos_core.record.phase_map import PhaseMap  # noqa: E402
from superpos_core.record.timeline import feature_dimensionality_over  # noqa: E402
from superpos_core.task.lanes import HIDDEN  # noqa: E402
from superpos_core.training.run import train  # noqa: E402
from superpos_tui.dialogs.thumbnails import FILE, HEIGHT, HUNDREDTHS, WIDTH  # noqa: E402
from superpos_tui.drawing.canvas import DOTS_ACROSS, DOTS_DOWN  # noqa: E402

Numbers = Mapping[str, FloatArray]
SETTINGS = {"intro": 9, "collapse": 5}
"""The index of the setting that shows most, where it is not the one that is opened first."""
TURN = np.array([[0.94, 0.34, 0.0], [-0.12, 0.32, 0.94]])
"""How three dimensions are seen: two rows of a rotation."""
LOSSES = (6e-4, 1.6)
"""The ends of the axis of losses, the same for all experiments, so that slopes can be compared."""
COMPACT = (",", ":")
MODELS = ("tied", "untied")
"""Of several models the one that shows superposition."""


def trained(experiment: Experiment) -> tuple[Cohort, int]:
    """A model's lanes at one setting, the best first, and the index of the best."""
    config = experiment.config
    setting = config.settings[SETTINGS.get(experiment.name, experiment.first_setting)]
    values = () if setting.swept is None else (setting.swept,)
    models = [model for model in config.models if model in MODELS] or config.models
    one = replace(
        config,
        models=tuple(models[:1]),
        sparsities=(setting.sparsity,),
        sweep_values=values,
        hidden=int(values[0]) if config.sweep == HIDDEN else config.hidden,
    )
    cohort = train(one).record_as(LanesRecord).cohorts[models[0]]
    return cohort, cohort.ranked(0)[0]


def product(experiment: Experiment) -> tuple[str, Numbers]:
    """W·Wᵀ of the most important features."""
    cohort, best = trained(experiment)
    most = slice(min(experiment.config.features, WIDTH))
    return "squares", {"values": gram(cohort.parameters.take(best))[most, most]}


def cosines(experiment: Experiment) -> tuple[str, Numbers]:
    """The cosines of features with latents, of the best seed at the setting shown first."""
    config = experiment.config
    kind = "topk" if "topk" in config.dictionaries else config.dictionaries[0]
    swept = config.settings[experiment.first_setting].swept
    values = () if swept is None else (swept,)
    record = train(replace(config, dictionaries=(kind,), sweep_values=values)).record_as(
        DictionaryRecord
    )
    lane = record.cohorts[kind].ranked(0)[0]
    return "squares", {"values": score_of(record, kind, lane).cosines_in_order}


def hedging_angles(experiment: Experiment) -> tuple[str, Numbers]:
    """The angle of each latent over the ratio of both probabilities."""
    config = experiment.quick_config
    record = train(config).record_as(DictionaryRecord)
    found = hedging_of(record, config.dictionaries[0])
    ratio = np.log(found.both / found.alone).ravel()
    places = (ratio - ratio.min()) / np.ptp(ratio)
    return "dots", _on_the_grid(places, found.angle.ravel() / (np.pi / 4))


def weights(experiment: Experiment) -> tuple[str, Numbers]:
    """The input weights, a column per neuron."""
    cohort, best = trained(experiment)
    return "squares", {"values": cohort.parameters.encoder[best]}


def spokes(experiment: Experiment) -> tuple[str, Numbers]:
    """The features in the hidden plane, or in three dimensions turned."""
    cohort, best = trained(experiment)
    encoder = cohort.parameters.encoder[best]
    plane = encoder if encoder.shape[1] == 2 else encoder @ TURN.T
    return "spokes", {
        "x": plane[:, 0], "y": plane[:, 1], "superposition": superposition(encoder),
    }  # fmt: skip


def phase_map(experiment: Experiment) -> tuple[str, Numbers]:
    """A coarse phase diagram."""
    config = experiment.config
    rows, columns = (
        np.rint(np.linspace(0, len(values) - 1, count)).astype(int)
        for values, count in ((config.sparsities, 2 * HEIGHT), (config.sweep_values, WIDTH))
    )
    coarse = replace(
        config,
        sparsities=tuple(config.sparsities[row] for row in rows),
        sweep_values=tuple(config.sweep_values[column] for column in columns),
    )
    record = train(coarse).record_as(PhaseMap)
    return "map", {"norm": record.norm, "superposition": record.superposition}


def dimensionality_over_settings(experiment: Experiment) -> tuple[str, Numbers]:
    """D_i of every feature at every setting, as in the paper."""
    config = experiment.config
    cohort = train(config).record_as(LanesRecord).cohorts[config.models[0]].best()
    shares = feature_dimensionality(cohort.parameters.encoder)
    places = np.linspace(0, 1, len(shares))[:, None] + np.zeros_like(shares)
    return "dots", _on_the_grid(places, shares)


def dimensionality_over_steps(experiment: Experiment) -> tuple[str, Numbers]:
    """D_i of every feature against log step."""
    cohort, best = trained(experiment)
    steps = np.log1p(cohort.timeline.steps)
    shares = feature_dimensionality_over(cohort.timeline, cohort.model, best)
    fine = np.linspace(0, steps[-1], 2 * WIDTH * DOTS_ACROSS)
    curves = np.array([np.interp(fine, steps, curve) for curve in shares.T])
    return "dots", _on_the_grid(np.zeros_like(curves) + fine / fine[-1], curves)


def losses_over_hidden(experiment: Experiment) -> tuple[str, Numbers]:
    """The losses over m of the quick run, and the power law through them, on logarithmic axes."""
    record = train(experiment.quick_config).record_as(LanesRecord)
    scaling = scaling_of(record, experiment.config.models[0])
    assert scaling.law is not None
    fine = np.geomspace(scaling.hidden[0], scaling.hidden[-1], 2 * WIDTH * DOTS_ACROSS)
    x = np.concatenate([scaling.hidden, fine])
    y = np.concatenate([scaling.losses, scaling.law.at(fine)])
    across = np.log(x / x.min()) / np.log(x.max() / x.min())
    return "dots", _on_the_grid(across, np.log(y / LOSSES[0]) / np.log(LOSSES[1] / LOSSES[0]))


def lengths_over_noise(experiment: Experiment) -> tuple[str, Numbers]:
    """‖W_i‖² against σ² at every sparsity, as in the figure."""
    config = experiment.config
    responses = noise_responses(train(config).record_as(LanesRecord), config.models[0])
    squared_noise = np.array([each.noise**2 for each in responses])
    lengths = np.array([each.squared_norms for each in responses])
    return "dots", _on_the_grid(squared_noise / squared_noise.max(), np.minimum(lengths, 1))


def represented_up_and_down(experiment: Experiment) -> tuple[str, Numbers]:
    """The number of represented features over σ on the sparsest data, as noise rises and falls."""
    config = experiment.config
    record = train(config).record_as(LanesRecord)
    loop = hystereses(record, config.models[0])[-1]
    counts = np.concatenate([loop.up.mean(axis=1), loop.down.mean(axis=1)[::-1]])
    noise = np.concatenate([loop.noise, loop.noise[::-1]])
    at = np.linspace(0, len(noise) - 1, 4 * WIDTH * DOTS_ACROSS)
    x, y = (np.interp(at, np.arange(len(noise)), values) for values in (noise, counts))
    return "dots", _on_the_grid(x / noise.max(), y / config.features)


def _on_the_grid(x: FloatArray, y: FloatArray) -> Numbers:
    """The points from 0 to 1 without those that would be the same dot."""
    across, down = WIDTH * DOTS_ACROSS - 1, HEIGHT * DOTS_DOWN - 1
    dots = np.unique(np.rint(np.stack([x.ravel() * across, y.ravel() * down])), axis=1)
    return {"x": dots[0] / across, "y": dots[1] / down}


BY_FIGURE: Mapping[str, Callable[[Experiment], tuple[str, Numbers]]] = {
    "phase": phase_map,
    "dictionary": cosines,
    "recovery": cosines,
    "hedging": hedging_angles,
    "dimensionality": dimensionality_over_settings,
    "energy": dimensionality_over_steps,
    "neurons": weights,
    "scaling": losses_over_hidden,
    "noise": lengths_over_noise,
    "hysteresis": represented_up_and_down,
    **dict.fromkeys(
        ("geometry", "restarts", "one-density", "levels", "trajectories", "double-descent"), spokes
    ),
}
"""What is drawn, by an experiment's main figure; for others it is W·Wᵀ."""


def main() -> None:
    """Train the experiments named on the command line, or all, and write the file as a whole."""
    names = sys.argv[1:] or list(EXPERIMENTS)
    before = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
    kept = {name: before[name] for name in EXPERIMENTS if name in before}
    for name in names:
        experiment = experiment_named(name)
        kind, numbers = BY_FIGURE.get(experiment.main_figure, product)(experiment)
        whole = {key: np.rint(values * HUNDREDTHS).astype(int) for key, values in numbers.items()}
        kept[name] = {"kind": kind, **{key: values.tolist() for key, values in whole.items()}}
        sys.stdout.write(f"{name}\n")
        sys.stdout.flush()
    lines = (f'"{name}": {json.dumps(kept[name], separators=COMPACT)}' for name in kept)
    new = FILE.with_suffix(".new")
    new.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
    new.replace(FILE)


if __name__ == "__main__":
    main()
