"""The kept moments of a run in its folder, one file each."""

from pathlib import Path

from superpos_core.files import storage
from superpos_core.files.runs.layout import TIMELINE_FOLDER
from superpos_core.files.runs.moments import kept_steps, moment_path, write_moment
from superpos_core.record.record import Record
from superpos_core.record.timeline import Timeline


class TimelineFiles:
    """Keeps in ``folder`` the moments that a record keeps; knows those that are there already."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._written = {
            path.name: kept_steps(path) for path in folder.glob(f"{TIMELINE_FOLDER}/*")
        }
        self._followed: dict[str, Timeline] = {}
        """The timelines of which nothing is left to write."""

    def follow(self, record: Record) -> None:
        """Write the moments that are new, and remove those that the record no longer keeps.

        Raises ``storage.WriteError``; what was not written is written the next time.
        """
        for name, group in record.groups.items():
            if group.timeline is self._followed.get(name):
                continue
            written = self._written.setdefault(name, set())
            kept = {moment.step: moment for moment in group.timeline.moments}
            for step in sorted(kept.keys() - written):
                write_moment(self._folder, name, step, kept[step].parameters)
                written.add(step)
            for step in written - kept.keys():
                storage.remove(moment_path(self._folder, name, step))
                written.discard(step)
            self._followed[name] = group.timeline
