"""Watch a training loop of your own: two more lines, and the instrument shows it live.

::

    from superpos_core import live

    run = live.start("runs/mine", features=20, hidden=5, density=0.1, importance=0.9)
    for step in range(10_000):
        ...
        run.log(step, loss=loss, W=model.W, b=model.b)

``superpos-tui runs/mine`` opens the run while it goes on, and afterwards. Importing this module
loads nothing else: neither torch nor jax is needed, and numpy is loaded by ``start``.
"""

from os import PathLike
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from superpos_core.live.run import LiveRun


def start(
    path: str | PathLike[str],
    *,
    features: int | None = None,
    hidden: int | None = None,
    density: Any = None,
    importance: Any = None,
    model: str | None = None,
    overwrite: bool = False,
    **options: Any,
) -> "LiveRun":
    """Start to write a run to the folder ``path``; its ``log`` belongs in the training loop.

    All but the path is optional; what is not given is marked as unknown, and views that need it
    say so. ``features`` and ``hidden`` are n and m, by which a transposed W is recognised.
    ``density`` is the probability that a feature is active, one number or one per lane; values
    are taken to be uniform between 0 and 1 unless ``distribution`` is given. ``importance`` is R,
    where feature i has importance R^i, or these n numbers. ``model`` is a name such as ``tied``,
    ``untied`` or ``linear``. ``options`` are any other options of the command line, such as
    ``steps=10_000``, ``batch=1024`` or ``learning_rate=1e-3``.

    The folder is created. If it holds a run already, ``overwrite`` replaces that run once the
    first weights are logged. Raises ``InvalidValue`` for a folder that holds another run or cannot
    be written to, and for invalid values; afterwards nothing raises anymore.
    """
    from superpos_core.live.run import start_in

    return start_in(
        path, features, hidden, density, importance, model, options, overwrite=overwrite
    )
