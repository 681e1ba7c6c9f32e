"""The words of the glossary about dictionaries."""

from superpos_tui.dialogs.word import Word

OF_DICTIONARIES = (
    Word(
        "dictionary",
        "A sparse autoencoder: it reads hidden vectors h and writes each as a sum of few of its "
        "latents, ĥ = f·W_dec + b_dec. If it works, every latent is a feature.",
        spellings=("dictionary", "dictionaries", "sparse autoencoder"),
    ),
    Word(
        "latent",
        "One unit f_j of a dictionary: how active it is in a row, and where it points, its row of "
        "the decoder.",
        spellings=("latent", "latents"),
    ),
    Word(
        "decoder",
        "W_dec, one row per latent: the direction in the hidden space that it stands for.",
        spellings=("decoder",),
    ),
    Word(
        "recovered",
        "A feature is recovered if a latent of its own has a |cosine| of 0.98 or more with it. "
        "MCC is the mean |cosine| of features and latents, matched one to one.",
        spellings=("recovered", "recovery", "MCC"),
    ),
    Word(
        "PW-MCC",
        "The mean |cosine| of the latents of two dictionaries, matched one to one: 1 if both have "
        "found the same, whatever the true features are (Song et al. 2025).",
        spellings=("PW-MCC",),
    ),
    Word(
        "L0",
        "The mean number of active latents per row. The true L0 is that of active features: with "
        "fewer, dictionaries mix features (Chanin et al. 2025).",
        spellings=("L0",),
    ),
    Word(
        "dead",
        "A latent that is active on no row. Resampling gives it a new direction.",
        spellings=("dead",),
    ),
    Word(
        "duplicate",
        "An active latent along a feature that another one has already. It is not dead, so "
        "resampling leaves it.",
        spellings=("duplicate", "duplicates"),
    ),
    Word(
        "absorption",
        "A child's latent contains its parent's direction, whose own latent stays silent when the "
        "child is active: one active latent costs less than two (Chanin et al. 2024).",
        spellings=("absorption", "absorbs"),
    ),
    Word(
        "hedging",
        "A dictionary with too few latents mixes correlated features into one (Chanin et al. "
        "2025).",
        spellings=("hedging", "hedges"),
    ),
    Word(
        "shrinkage",
        "The penalty on active latents makes reconstructions too short: ‖ĥ‖ < ‖h‖.",
        spellings=("shrinkage",),
    ),
)
