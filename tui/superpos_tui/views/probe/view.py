"""An input made by hand, followed through the model."""

from superpos_tui.views.view import View

VIEW = View(
    name="probe",
    key="6",
    title="Probe",
    summary="switch features on and follow them through the model",
    panels=("probe", "hidden"),
    css="""
    .-wide #view-probe { grid-size: 2 1; grid-columns: 68% 1fr; }
    .-medium #view-probe { grid-size: 1 2; grid-rows: 1fr 7; }
    """,
)
