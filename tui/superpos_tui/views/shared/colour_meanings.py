"""What the colours of panels mean, each with its formula: the help about a panel shows them."""

from superpos_core.colours.scales import SUPERPOSITION_LIMIT, WEIGHT_LIMIT

_SCALE = f"Blue is positive, red negative, stronger for larger values up to ±{WEIGHT_LIMIT:g}."
OF_PRODUCT = (
    f"square (i, j): (W·Wᵀ)_ij = W_i·W_j, or (W₁·W₂)_ij with two matrices. {_SCALE}",
    "column b: the bias b_i, on the same scale.",
)
OF_DIFFERENCE = ("third square: (W·Wᵀ)_ij now minus that of the reference, on the same scale.",)
OF_WEIGHTS = (f"cell (i, k): the weight W_ik. {_SCALE}", "column b: the bias b_i.")
SUPERPOSITION = (
    "superposition of feature i: Σ_{j≠i} (Ŵ_i·W_j)² with Ŵ_i = W_i/‖W_i‖, from dark violet (0: a "
    "dimension of its own) through green (1: others drive its direction as strongly as it does) to "
    f"yellow (≥ {SUPERPOSITION_LIMIT:g})."
)
OF_NORMS = (f"bar i: {SUPERPOSITION}",)
OF_SPLIT = (
    "by cost, after b: blue is the cost of not keeping feature i, ∫₀¹ I_i·(x − x̂_i)² dx if i "
    "alone is active, at x; red is its interference, Σ_{j≠i} ∫₀¹ I_j·x̂_j² dx.",
)
OF_FEATURES = (
    SUPERPOSITION,
    "by importance, after c: I_i = R^i relative to the largest, dark violet 0, yellow 1.",
    "by group, after c again: one colour for each shape, or set of the data; they have no order.",
)
OF_CURVES = (
    "curve: the place of its setting among all, in order, from dark (first) to bright (last); the "
    "setting in focus is the brighter curve"
)
OF_LOSSES = (f"{OF_CURVES} with ◀. A curve is L = mean of I_i·(x_i − x̂_i)².",)
OF_DICTIONARY_CURVES = (
    f"{OF_CURVES}. On the left E‖h − ĥ‖², summed over the hidden dimensions; on the right L0, the "
    "mean number of latents with f_j > 0.",
)
OF_BOTH_LOSSES = ("grey: the reference; accent colour: now. Both are L/L_linear, and 1 is dashed.",)
OF_SIGNS = ("blue: above 0; red: below 0. The length of a bar is the value itself.",)
OF_PHASE = (
    "strength: ‖W_last‖ from 0 (neutral: the last feature is ignored) to 1; hue: its superposition "
    "Σ_{j≠last} (Ŵ_last·W_j)² from blue (0: a dedicated dimension) to red (1: shared).",
)
