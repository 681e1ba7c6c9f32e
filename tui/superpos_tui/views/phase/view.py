"""The phase diagram: what becomes of the last feature, as trained and as theory has it."""

from superpos_tui.views.view import View

VIEW = View(
    name="phase",
    key="8",
    title="Phases",
    summary="a phase diagram filling in, beside the one of theory",
    panels=("phase",),
    css="""
    .-wide #view-phase, .-medium #view-phase { grid-size: 1 1; }
    """,
)
