"""What a dictionary minimises besides its reconstruction error, in numpy.

As in evaluation: kinds that select from a batch while they train use their threshold instead.
"""

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.task.dictionaries.forward import decode
from superpos_core.task.dictionaries.kinds import DictionaryKind
from superpos_core.task.dictionaries.objective import prefixes_of
from superpos_core.task.parameters import Parameters


def minimises_more(kind: DictionaryKind) -> bool:
    """Whether the objective of a kind is more than the error of its reconstruction."""
    return kind.has_penalty or kind.nested


def mean_penalty(
    kind: DictionaryKind,
    parameters: Parameters,
    hidden: FloatArray,
    activations: FloatArray,
    shares: FloatArray,
    strength: float,
) -> float:
    """What the objective of one lane adds to E‖h − ĥ‖², over rows.

    λ·Σ f_j·‖d_j‖ (relu), λ·L0 (jump-relu), λ·Σ gate_j·‖d_j‖ and the error of the gate's own
    reconstruction (gated), the errors of the shorter prefixes (nested kinds); else 0. ``hidden``
    (rows, d) and ``activations`` (rows, K) belong together, ``shares`` (rows,) sum to 1, and
    ``strength`` is λ.
    """
    if kind.nested:
        shorter = prefixes_of(kind, activations.shape[1])[:-1]
        errors = [_error(parameters, hidden, activations, prefix) for prefix in shorter]
        return float(shares @ np.sum(errors, axis=0)) if errors else 0.0
    if kind.activation == "jump-relu":
        return strength * float(shares @ (activations > 0).sum(axis=1))
    if kind.activation == "gated":
        projected = (hidden - parameters.bias) @ parameters.encoder
        gate = np.maximum(projected + parameters.arrays["gate_bias"], 0)
        further = _error(parameters, hidden, gate, gate.shape[1])
        return float(shares @ (strength * (gate @ _lengths(parameters)) + further))
    if kind.has_penalty:
        return strength * float(shares @ (activations @ _lengths(parameters)))
    return 0.0


def _lengths(parameters: Parameters) -> FloatArray:
    """‖d_j‖ of every latent, (K,)."""
    lengths: FloatArray = np.linalg.norm(parameters.decoder, axis=1)
    return lengths


def _error(
    parameters: Parameters, hidden: FloatArray, activations: FloatArray, prefix: int
) -> FloatArray:
    """‖h − ĥ‖² of each row, (rows,), from the first ``prefix`` latents alone."""
    alone = activations.copy()
    alone[:, prefix:] = 0
    errors: FloatArray = np.square(hidden - decode(parameters, alone)).sum(axis=1)
    return errors
