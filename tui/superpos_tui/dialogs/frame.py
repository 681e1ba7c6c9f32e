"""The frame that dialogs in the middle of the screen share."""

DIALOG_CSS = """
{name} {{ align: center middle; }}
{name} > * {{
    width: 76; max-width: 96%; height: auto; max-height: 96%;
    border: round $accent; background: $surface; padding: 1 2;
}}
"""
