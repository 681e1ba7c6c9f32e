"""The frame and the quiet colour that dialogs share."""

MUTED = "$foreground 60%"
"""Of pieces of text; Textual's ``$text-muted`` is muted only as the colour of a whole widget."""


def frame_css(
    dialog: str,
    *,
    width: int = 76,
    max_width: str = "96%",
    height: str = "auto",
    max_height: str = "96%",
    padding: str = "1 2",
    colour: str = "$accent",
) -> str:
    """The style of a dialog class: one box in the middle of the screen.

    ``:enabled``, which it always is, makes it weigh more than the style of the box's own class:
    Textual reads that later if no other box of that class has been shown before.
    """
    return f"""
    {dialog} {{ align: center middle; }}
    {dialog}:enabled > * {{
        width: {width}; max-width: {max_width}; height: {height}; max-height: {max_height};
        border: round {colour}; background: $surface; padding: {padding};
    }}
    """
