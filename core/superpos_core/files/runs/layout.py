"""What a run's folder holds: the names of its files, which are an interface and never change.

====================================  ==============================================================
``run.json``                          experiment, config, engine, versions, marks, and a list of all
                                      files that belong to the run; written first
``loss.csv``                          ``step``, then one column per lane, and for dictionaries one
                                      more per lane for L0; rows are appended, each the mean over
                                      the steps since that model's previous row
``timeline/MODEL/STEP.safetensors``   the weights of all lanes of a model at one kept step: ``W``
                                      and ``b``, or ``W1``, ``W2`` and ``b``, with a leading lane
                                      axis
``state.safetensors``                 to follow and to resume a run: the newest weights
                                      (``parameters/MODEL/…`` or ``map/…``), the curves, which make
                                      up most of it (``losses/…``, ``recent/…``, ``further/…``;
                                      without ``low`` and ``high`` where they are ``mean``), and
                                      what training needs to continue (``engine/…``,
                                      ``partial/…``); replaced about once a second
``status.json``                       the state, the step, and the time of the last sign of life;
                                      replaced about once a second
``weights.safetensors``               the weights of every lane, once training has ended
``summary.json``, figures             the numbers and pictures, likewise
``saelens/LANE/``                     every dictionary in the layout of SAELens, if asked for
====================================  ==============================================================

A file is renamed into its folder or appended to, never rewritten where it is. So whoever reads sees
whole files; a missing file or a torn last line means "not yet".
"""

import re

FORMAT = 2
"""The version of ``run.json``."""
OLDER_FORMATS = (1,)
"""Versions that can still be read: an export without moments, a state or signs of life."""

MANIFEST_FILE = "run.json"
WEIGHTS_FILE = "weights.safetensors"
LOSSES_FILE = "loss.csv"
SUMMARY_FILE = "summary.json"
STATE_FILE = "state.safetensors"
STATUS_FILE = "status.json"
TIMELINE_FOLDER = "timeline"
SAELENS_FOLDER = "saelens"
"""Where an export puts dictionaries in SAELens' layout, each in a separate folder."""
SAELENS_WEIGHTS, SAELENS_CONFIG = "sae_weights.safetensors", "cfg.json"
MOMENT_FILE = re.compile(r"(\d{1,18})\.safetensors")
"""The name of a kept moment: its step."""

ARRAYS = {
    LOSSES_FILE: "step, mean losses by lane, then L0 of dictionaries by lane; rows are appended",
    f"{TIMELINE_FOLDER}/MODEL/STEP.safetensors": (
        "weights at a kept step: W (lanes, n, m), or W1 (lanes, n, m) and W2 (lanes, m, n), "
        "and b (lanes, n)"
    ),
    STATE_FILE: "to follow and to resume: the newest weights, the curves, and the engine's state",
    WEIGHTS_FILE: "the weights of every lane after the last step",
}
"""What the files are, in a sentence each; ``run.json`` quotes it."""


def moment_file(step: int) -> str:
    """The name of the file with the moment at ``step``."""
    return f"{step}.safetensors"
