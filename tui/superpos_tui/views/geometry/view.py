"""Features as directions in the hidden space, and the names of the shapes that they form."""

from superpos_tui.views.view import View

VIEW = View(
    name="geometry",
    key="3",
    title="Geometry",
    summary="features as directions in the hidden space, and the shapes that they form",
    panels=("geometry", "shapes"),
    css="""
    .-wide #view-geometry { grid-size: 2 1; grid-columns: 62% 1fr; }
    .-medium #view-geometry { grid-size: 2 1; grid-columns: 56% 1fr; }
    """,
)
