"""Runs in a notebook: trained or opened, they show themselves, and give their numbers as tables.

::

    from superpos_core import notebook

    run = notebook.train("intro")    # or notebook.open_run("runs/mine"), or a file of weights
    run                              # its main figure
    run.measures()["represented"]    # structured arrays of numpy
    run.to_frame("losses")           # if pandas is there

    found = notebook.train_dictionary(hidden, notebook.DictionaryConfig(kind="topk", latents=16))
    found.arrays["W_dec"]            # (latents, d), and found.losses, found.encode(hidden)

In IPython this import also lets a ``Snapshot`` show itself, such as ``training.run.train`` returns.
"""

from superpos_core.notebook.pictures import let_snapshots_show_themselves
from superpos_core.notebook.run import Run, open_run, train
from superpos_core.training.given_hidden import DictionaryConfig, train_dictionary

__all__ = ["DictionaryConfig", "Run", "open_run", "train", "train_dictionary"]

let_snapshots_show_themselves()
