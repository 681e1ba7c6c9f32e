"""The weights of a run at log-spaced steps in bounded memory, for scrubbing through it."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from superpos_core.arrays import FloatArray, IntArray, freeze
from superpos_core.errors import InvalidValue
from superpos_core.geometry.feature_vectors import feature_vectors
from superpos_core.geometry.measures import feature_dimensionality, feature_norms
from superpos_core.task.models import Model
from superpos_core.task.parameters import Parameters

BYTES_LIMIT = 64 << 20

MAX_OVERLAPS = 1 << 16
"""Maximum number of feature overlaps computed at once: half a megabyte, which fits in cache."""

MAX_CACHED_LANES = 16
"""Maximum number of lanes whose D_i a moment caches: the most recently shown."""

PREFERRED = (
    *(10, 11, 12, 13, 15, 16, 18, 20, 22, 24, 27, 30),
    *(33, 36, 39, 43, 47, 51, 56, 62, 68, 75, 82, 91),
)
"""The preferred numbers E24 (IEC 60063): 24 per decade, about 10 % apart, and round."""


def next_step_to_keep(step: int) -> int:
    """The first step after ``step`` whose weights are worth keeping.

    These are 0, 1, 2, …, 10 and then the preferred numbers times powers of ten: 11, 12, 13, 15, …,
    91, 100, 110, … without end. They depend on nothing else, so training that stops at each of
    them keeps the same moments however it is sliced.
    """
    if step < 10:
        return max(step + 1, 0)
    unit = _unit(step)
    index = bisect_right(PREFERRED, step // unit)
    return unit * PREFERRED[index] if index < len(PREFERRED) else unit * 100


@dataclass(frozen=True)
class Moment:
    """The parameters of all lanes of one model at one step; lanes are the leading axis.

    They may be in a file (``files.runs.stored_parameters``), so take only the lanes that you need.
    """

    step: int
    parameters: Parameters

    @property
    def is_there(self) -> bool:
        """Whether its parameters can be had: whoever writes a run thins out its moments."""
        return self.parameters.is_there

    @property
    def nbytes(self) -> int:
        """The memory used by the parameters, in bytes."""
        return self.parameters.nbytes

    def feature_dimensionality(self, model: Model, lane: int) -> FloatArray:
        """D_i of one lane, shape (n,); cached for a few lanes, because every frame asks for it.

        The cache is freed with the moment. Callable from any thread.
        """
        cache = self._dimensionality_by_lane
        found = cache.get(lane)
        if found is None:
            found = freeze(
                feature_dimensionality(feature_vectors(model, self.parameters.take(lane)))
            )
            for oldest in list(cache)[: 1 - MAX_CACHED_LANES]:
                cache.pop(oldest, None)
            cache[lane] = found
        return found

    @cached_property
    def _dimensionality_by_lane(self) -> dict[int, FloatArray]:
        return {}


@dataclass(frozen=True)
class Timeline:
    """Moments of one run in ascending, distinct steps; immutable."""

    moments: tuple[Moment, ...] = ()

    @cached_property
    def steps(self) -> IntArray:
        """The step of each moment, ascending, shape (moments,)."""
        return freeze(np.array([moment.step for moment in self.moments], dtype=np.int64))

    @property
    def nbytes(self) -> int:
        """The memory used by all moments, in bytes."""
        return sum(moment.nbytes for moment in self.moments)

    def nearest(self, step: int) -> Moment:
        """The moment nearest to ``step`` that is there; the earlier of two equally near ones.

        Raises ``InvalidValue`` if there are no moments.
        """
        if not self.moments:
            raise InvalidValue("step", step, "no moment is kept yet", "a run that has started")
        nearest, *others = sorted(self.moments, key=lambda moment: abs(moment.step - step))
        return next((each for each in (nearest, *others) if each.is_there), nearest)

    def before(self, step: int) -> Moment | None:
        """The last moment before ``step``."""
        index = bisect_left(self.steps, step)
        return self.moments[index - 1] if index > 0 else None

    def after(self, step: int) -> Moment | None:
        """The first moment after ``step``."""
        index = bisect_right(self.steps, step)
        return self.moments[index] if index < len(self.moments) else None

    def up_to(self, step: int) -> "Timeline":
        """The moments up to and including ``step``, sharing their arrays."""
        return Timeline(self.moments[: bisect_right(self.steps, step)])

    def thinned(self, nbytes: int, bytes_limit: int = BYTES_LIMIT) -> "Timeline":
        """Evenly spaced moments, with both ends, of which ``nbytes`` each fit in the limit.

        Itself, if all of them fit. A stored timeline may be larger than memory.
        """
        if len(self.moments) * nbytes <= bytes_limit:
            return self
        count = max(bytes_limit // max(nbytes, 1), 2)
        chosen = np.unique(np.linspace(0, len(self.moments) - 1, count).round().astype(int))
        return Timeline(tuple(self.moments[index] for index in chosen.tolist()))


EMPTY_TIMELINE = Timeline()


class TimelineRecorder:
    """Keeps the moments of a run in progress.

    It always holds the first and the newest moment. Between them are steps worth keeping
    (``next_step_to_keep``): all of them, and once ``bytes_limit`` is reached every second, every
    fourth and so on, evenly over the whole run, and likewise the steps ``also`` worth keeping. So
    memory stays below the limit, or at two moments if the limit has no room for more.
    """

    def __init__(self, bytes_limit: int = BYTES_LIMIT, also: Iterable[int] = ()) -> None:
        self._bytes_limit = bytes_limit
        self._stride = 1
        self._timeline = EMPTY_TIMELINE
        self._also = _ranked(also)

    @classmethod
    def of(cls, timeline: Timeline, also: Iterable[int] = ()) -> "TimelineRecorder":
        """A recorder that has kept the moments of ``timeline``; all but the newest stay."""
        earlier = [moment.step for moment in timeline.moments[:-1]]
        recorder = cls(also=(*also, *(step for step in earlier if not _is_kept(step, 1))))
        for moment in timeline.moments:
            recorder.record(moment.step, moment.parameters)
        return recorder

    def keep_also(self, steps: Iterable[int]) -> None:
        """Count these steps, too, among those worth keeping."""
        self._also = _ranked((*self._also, *steps))

    def record(self, step: int, parameters: Parameters) -> None:
        """Add the newest moment; it replaces any at ``step`` or later.

        A moment at a step not worth keeping stays only while it is the newest. Frozen float32
        arrays are shared, all others copied.
        """
        earlier = self._timeline.up_to(step - 1).moments
        self._timeline = self._thinned((*earlier, Moment(step, parameters.map(_shareable))))
        while self._timeline.nbytes > self._bytes_limit and len(self._timeline.moments) > 2:
            self._stride *= 2
            self._timeline = self._thinned(self._timeline.moments)

    def view(self) -> Timeline:
        """The current timeline; the same object until another moment is recorded."""
        return self._timeline

    def copy(self) -> "TimelineRecorder":
        """An independent recorder from here on; past moments are shared."""
        return self.truncated(self._timeline.moments[-1].step if self._timeline.moments else 0)

    def truncated(self, step: int) -> "TimelineRecorder":
        """A copy without anything after ``step``, for going back."""
        other = TimelineRecorder(self._bytes_limit, self._also)
        other._stride = self._stride
        other._timeline = self._timeline.up_to(step)
        return other

    def _thinned(self, moments: tuple[Moment, ...]) -> Timeline:
        first, *rest = moments
        older, newest = rest[:-1], rest[-1:]
        return Timeline((first, *(m for m in older if self._stays(m.step)), *newest))

    def _stays(self, step: int) -> bool:
        rank = self._also.get(step)
        return _is_kept(step, self._stride) or (rank is not None and rank % self._stride == 0)


def feature_vectors_over(timeline: Timeline, model: Model, lane: int) -> FloatArray:
    """The feature vectors of one lane at every moment, shape (moments, n, m).

    (0, 0, 0) if there are no moments.
    """
    if not timeline.moments:
        return np.empty((0, 0, 0), dtype=np.float32)
    return np.stack(
        [feature_vectors(model, moment.parameters.take(lane)) for moment in timeline.moments]
    )


def feature_norms_over(timeline: Timeline, model: Model, lane: int) -> FloatArray:
    """The feature norms of one lane at every moment, (moments, n); (0, 0) if there are none."""
    return feature_norms(feature_vectors_over(timeline, model, lane))


def feature_dimensionality_over(timeline: Timeline, model: Model, lane: int) -> FloatArray:
    """D_i of one lane at every moment, shape (moments, n); (0, 0) if there are none."""
    if not timeline.moments:
        return np.empty((0, 0))
    return np.stack([moment.feature_dimensionality(model, lane) for moment in timeline.moments])


def dimensionality_of_each(vectors: FloatArray) -> FloatArray:
    """D_i of many sets of feature vectors, (moments, n, m) → (moments, n), in chunks.

    The measure needs n × n intermediate numbers per set: fast for a few sets, but possibly more
    than fits in memory for all at once.
    """
    moments, features, _ = vectors.shape
    chunk_size = max(MAX_OVERLAPS // max(features**2, 1), 1)
    chunks = np.split(vectors, range(chunk_size, moments, chunk_size))
    return np.concatenate([feature_dimensionality(chunk) for chunk in chunks])


def _ranked(steps: Iterable[int]) -> dict[int, int]:
    """The rank of each step in ascending order, from 1."""
    return {step: rank for rank, step in enumerate(sorted(set(steps)), 1)}


def _is_kept(step: int, stride: int) -> bool:
    """Whether ``step`` is among every ``stride``-th of the steps worth keeping, from 0."""
    if step < 10:
        return step % stride == 0
    leading, trailing = divmod(step, _unit(step))
    if trailing or leading not in PREFERRED:
        return False
    decade = len(str(step)) - 2
    rank = 10 + len(PREFERRED) * decade + PREFERRED.index(leading)
    return rank % stride == 0


def _unit(step: int) -> int:
    """The power of ten that leaves two leading digits of ``step``, at least 10."""
    return int(10 ** (len(str(step)) - 2))


def _shareable(array: FloatArray) -> FloatArray:
    """The array itself if it is read-only float32, or else a read-only float32 copy.

    A view is copied too: its base may change, and may be much larger than the view.
    """
    own = array.flags.owndata and not array.flags.writeable
    if own and array.dtype == np.float32:
        return array
    with np.errstate(all="ignore"):
        return freeze(array.astype(np.float32))
