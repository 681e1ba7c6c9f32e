"""The glossary: the words and symbols on the screen, each with its section of the paper.

To add a word, add an entry to ``GLOSSARY``. Panels' texts are searched for its spellings, so that
the help about a panel explains the words that it uses.
"""

from collections.abc import Sequence

from superpos_core.experiments import (
    adversarial_robustness,
    demonstrating,
    geometry,
    phase_change,
    privileged_basis,
)
from superpos_tui.dialogs.glossary_of_dictionaries import OF_DICTIONARIES
from superpos_tui.dialogs.word import Word


def words_in(texts: Sequence[str]) -> tuple[Word, ...]:
    """The words of the glossary that are used in any of these texts, in its order."""
    return tuple(word for word in GLOSSARY if any(map(word.is_used_in, texts)))


DEMONSTRATING, GEOMETRY = demonstrating.SECTION, geometry.SECTION

OF_THE_MODEL = (
    Word(
        "feature",
        "One of the n inputs x_i that the model has to reconstruct. It is 0 with probability S, "
        "otherwise on: between 0 and 1 unless another distribution is chosen.",
        DEMONSTRATING,
    ),
    Word(
        "n → m",
        "n features have to pass through m hidden dimensions, usually far fewer.",
        DEMONSTRATING,
        ("n→m", "n → m", "hidden space", "hidden dimension", "hidden plane"),
    ),
    Word(
        "S, sparsity",
        "The probability that a feature is 0 in a sample. S = 0.9: nine out of ten are off.",
        DEMONSTRATING,
        ("sparsity", "sparsities", "sparse", "sparser"),
    ),
    Word(
        "1 − S, density",
        "The probability that a feature is on. The paper's axes and the exported figures use it; "
        "sparser data have a larger S and a smaller 1 − S.",
        DEMONSTRATING,
        ("1−S", "1/(1−S)", "density", "dense"),
    ),
    Word(
        "frequency, f_i",
        "How often feature i is active at S = 0; at S, its probability is (1 − S)·f_i. 1 unless "
        "--frequency says otherwise.",
        spellings=("frequency", "frequencies", "f_i"),
    ),
    Word(
        "importance, I_i",
        "The weight of feature i in the loss, I_i = R^i. R = 0.7: each feature matters 0.7 times "
        "as much as the one before; R = 1: all matter equally.",
        DEMONSTRATING,
        ("importance", "I_i"),
    ),
    Word(
        "W, W_i",
        "The weights. Row W_i is the direction in the hidden space that stands for feature i.",
        DEMONSTRATING,
        ("W_i", "direction", "directions"),
    ),
    Word(
        "W·Wᵀ",
        "Entry (i, j) is what feature i adds to output j before the output activation. The "
        "paper's W is transposed, so it writes WᵀW.",
        DEMONSTRATING,
        ("W·Wᵀ", "entry (i, j)"),
    ),
    Word(
        "b, bias",
        "One number per output, added before the output activation. A negative one lets a ReLU "
        "filter out interference; that of an ignored feature is the feature's mean.",
        DEMONSTRATING,
        ("bias", "biases", "b"),
    ),
)
OF_SUPERPOSITION = (
    Word(
        "‖W_i‖, norm",
        "The length of W_i: near 1 for a feature that is represented, near 0 for one that is "
        "ignored. Features with a norm above 0.5 count as represented.",
        DEMONSTRATING,
        ("‖W_i‖", "norm", "norms", "represented", "ignored"),
    ),
    Word(
        "superposition",
        "Representing more features than there are dimensions, by letting them share directions. "
        "As a number, Σ_{j≠i} (Ŵ_i·W_j)²: 0 for a dedicated dimension; at 1 the other features "
        "drive the direction of feature i as strongly as it does itself.",
        DEMONSTRATING,
        ("superposition",),
    ),
    Word(
        "dedicated dimension",
        "A direction of one feature alone, orthogonal to all others.",
        DEMONSTRATING,
        ("dedicated", "dedicated dimension"),
    ),
    Word(
        "interference",
        "What features add to the outputs of others: everything off the diagonal of W·Wᵀ. "
        "Negative interference is free if a ReLU cuts it off.",
        DEMONSTRATING,
        ("interference", "interfere", "interferes"),
    ),
    Word(
        "benefit",
        "What representing a feature saves in loss; its interference with others is what that "
        "costs.",
        DEMONSTRATING,
        ("benefit",),
    ),
    Word(
        "L / L_linear",
        "The loss divided by the best loss that any linear model can reach on the same data. "
        "Losses at different sparsities cannot be compared; this can. Checks (C) measure it on "
        "fresh rows; everything else shows that of the training loss, a mean of the last steps.",
        DEMONSTRATING,
        ("L/L_linear", "L / L_linear", "linear model", "linear optimum"),
    ),
    Word(
        "closed output",
        "An output j of a model of two matrices with a negative (W₁W₂)_jj: its own feature pushes "
        "it below 0, where the ReLU passes no gradient. About half start so; on sparse data hardly "
        "any other feature opens them, and the loss ends above the linear optimum.",
        DEMONSTRATING,
        ("closed output", "closed outputs"),
    ),
    Word(
        "phase diagram",
        "Which solution training finds for a feature: ignored, a dedicated dimension, or "
        "superposition, depending on its density and its importance.",
        phase_change.SECTION,
        ("phase", "phases", "phase diagram"),
    ),
)
OF_GEOMETRY = (
    Word(
        "antipodal pair, digon",
        "Two features on one line, pointing in opposite directions; each has half a dimension. "
        "Digon is its name among polygons.",
        GEOMETRY,
        ("antipodal pair", "antipodal pairs", "digon", "digons"),
    ),
    Word(
        "pentagon and other shapes",
        "Features at equal angles in their own subspace: triangles (D = 2/3), pentagons (2/5), "
        "tetrahedra (3/4), square antiprisms (3/8). Shapes are orthogonal to each other.",
        GEOMETRY,
        (
            "triangle",
            "triangles",
            "pentagon",
            "pentagons",
            "tetrahedra",
            "tetrahedron",
            "shape",
            "shapes",
            "regular shapes",
        ),
    ),
    Word(
        "D_i, dimensionality",
        "The share of a dimension that feature i gets, ‖W_i‖² / Σ_j (Ŵ_i·W_j)²: 1 for a dedicated "
        "dimension, 1/2 in an antipodal pair, 2/5 in a pentagon, 0 if it is ignored.",
        GEOMETRY,
        ("D_i", "D", "dimensionality"),
    ),
    Word(
        "ΣD",
        "The sum of all D_i, at most min(n, m). ΣD = 5.00 of 5: no dimension is left unused.",
        GEOMETRY,
        ("ΣD", "min(n, m)"),
    ),
    Word(
        "D*",
        "m / ‖W‖_F², dimensions per learned feature, of the whole model: 1 if each feature has a "
        "dimension, 1/2 if they share dimensions in pairs.",
        GEOMETRY,
        ("D*",),
    ),
)
FURTHER = (
    Word(
        "neuron",
        "A hidden unit with an activation, which makes the basis of the hidden space privileged. "
        "Monosemantic: it responds to one feature; polysemantic: to several.",
        privileged_basis.SECTION,
        ("neuron", "neurons", "monosemantic", "polysemantic"),
    ),
    Word(
        "row-norm decay",
        "A negative weight decay: instead of shrinking the weights it pulls every ‖W_i‖ towards 1, "
        "so that many features are represented (Liu et al. 2025).",
        spellings=("row-norm decay", "weight decay"),
    ),
    Word(
        "Welch's bound",
        "n directions in m < n dimensions cannot all be orthogonal: the mean of (Ŵ_i·Ŵ_j)² over "
        "pairs is at least (n − m)/(m(n − 1)).",
        spellings=("Welch", "Welch's bound"),
    ),
    Word(
        "attack",
        "The small change of the input that harms the output most. Interference makes models "
        "easier to attack.",
        adversarial_robustness.SECTION,
        ("attack",),
    ),
)
OF_THE_PROGRAM = (
    Word(
        "lane",
        "One model at one setting with one seed: one network. All lanes train side by side.",
        spellings=("lane", "lanes"),
    ),
    Word(
        "setting",
        "One point of what a run varies: a sparsity, times a factor if something else is swept, "
        "such as ×2.",
        spellings=("setting", "settings"),
    ),
    Word(
        "restart",
        "One of several seeds at the same setting. The best by loss is shown, penalties included; "
        "s shows the others.",
        spellings=("restart", "restarts", "seed", "seeds"),
    ),
    Word(
        "seed",
        "The number from which the initial weights and the data of a lane are drawn; r takes "
        "another one.",
    ),
    Word("experiment", "A result of the paper to train, with what to see in it and checks; x."),
    Word("check", "What an experiment should show, as a number: expected and observed; C."),
    Word(
        "dial",
        "A setting that can be turned while the model trains, keeping its weights; d.",
        spellings=("dial", "dials"),
    ),
    Word(
        "moment, timeline",
        "The steps whose weights are kept, to go back to and to replay; t.",
        spellings=("moment", "timeline"),
    ),
    Word(
        "pace",
        "How fast a run plays: slow and watch show the first steps one by one, full trains as "
        "fast as the machine can; f.",
    ),
    Word(
        "engine",
        "What trains: fused, a compiled kernel on the CPU (×2: on two cores), or torch, on a GPU.",
    ),
)
GLOSSARY = (
    *OF_THE_MODEL,
    *OF_SUPERPOSITION,
    *OF_GEOMETRY,
    *FURTHER,
    *OF_DICTIONARIES,
    *OF_THE_PROGRAM,
)
