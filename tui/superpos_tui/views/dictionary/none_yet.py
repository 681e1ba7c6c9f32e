"""The dictionary view before there is a dictionary."""

ATTACH = "S"
"""The key that trains dictionaries of the model on the screen."""


def where_to_find() -> str:
    """What to press to get a dictionary."""
    return (
        f"No dictionary yet. Press {ATTACH} to train dictionaries of the model in focus, or x to "
        "choose an experiment."
    )
