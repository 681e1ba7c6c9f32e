"""The dictionary view before there is a dictionary."""

from superpos_tui.views.panel import PARAGRAPHS

ATTACH = "S"
"""The key that trains dictionaries of the model on the screen."""


def where_to_find() -> str:
    """What to press to get a dictionary, and what that is."""
    how = (
        f"No dictionary yet. Press {ATTACH} to train dictionaries of the model in focus, or x to "
        "choose an experiment."
    )
    what = (
        "A dictionary is a sparse autoencoder: it reads the hidden vectors h of a model and writes "
        "each as a sum of few of its latents. If it works, every latent is one of the features "
        "that the model holds in superposition."
    )
    return how + PARAGRAPHS + what
