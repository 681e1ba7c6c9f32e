"""Finds the kept moments of one model of a run that may still be written."""

from pathlib import Path

from superpos_core.files.runs.layout import moment_file
from superpos_core.files.runs.moments import kept_steps
from superpos_core.files.runs.stored_parameters import Version, found_parameters, version_of
from superpos_core.record.timeline import EMPTY_TIMELINE, Moment, Timeline
from superpos_core.task.config import ExperimentConfig

MAX_NEW_FILES = 64
"""Maximum files opened per refresh, the newest moments first: a first picture needs only one."""


class TimelineReader:
    """Lists the moments in a folder; ``timeline`` is replaced when files come or go."""

    def __init__(self, folder: Path, config: ExperimentConfig, model: str) -> None:
        self.timeline: Timeline = EMPTY_TIMELINE
        self.is_behind = False
        """Whether there are more new files than one refresh opens."""
        self._folder = folder
        self._config = config
        self._model = model
        self._folder_version: Version | None = None
        self._moments: dict[int, tuple[Version | None, Moment | None]] = {}
        """By step; no moment if that version of the file could not be read."""

    def refresh(self) -> bool:
        """Look for changes; return whether the timeline is another one now."""
        steps = kept_steps(self._folder)
        self._moments = {step: self._moments[step] for step in self._moments if step in steps}
        versions = self._versions(steps)
        new = sorted(
            (step for step, version in versions.items() if self._is_new(step, version)),
            reverse=True,
        )
        self.is_behind = len(new) > MAX_NEW_FILES
        for step in new[:MAX_NEW_FILES]:
            parameters = found_parameters(self._path(step), self._config, self._model)
            moment = None if parameters is None else Moment(step, parameters)
            self._moments[step] = versions[step], moment
        moments = tuple(
            moment for _, (_, moment) in sorted(self._moments.items()) if moment is not None
        )
        if len(moments) == len(self.timeline.moments) and all(
            one is other for one, other in zip(moments, self.timeline.moments, strict=True)
        ):
            return False
        self.timeline = Timeline(moments)
        return True

    def _versions(self, steps: set[int]) -> dict[int, Version | None]:
        """The versions of files that may have changed: of all if the folder has, else of new ones.

        Files that could not be read may be growing: they are being copied.
        """
        folder_version = version_of(self._folder)
        if folder_version != self._folder_version:
            self._folder_version = folder_version
            doubtful = steps
        else:
            doubtful = {step for step in steps if self._moments.get(step, (None, None))[1] is None}
        return {step: version_of(self._path(step)) for step in doubtful}

    def _is_new(self, step: int, version: Version | None) -> bool:
        return step not in self._moments or self._moments[step][0] != version

    def _path(self, step: int) -> Path:
        return self._folder / moment_file(step)
