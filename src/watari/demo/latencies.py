"""How long an application waited: every operation with its begin and its duration in, figures of a span of time out."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping

from watari.values import dataclass, field

__all__ = ["Latencies", "Recording"]

#: Operations are told in bundles, so one may have ended by so much earlier than the one told before it.
_TOLD_LATE = 1.0


@dataclass(frozen=True, kw_only=True)
class Latencies:
    """What the operations of one span had to bear; times are seconds.

    `longest` is the slowest single operation, `gap` the longest time in which no operation of any connection ended.
    `errors` counts failed operations by what the database said.
    """

    operations: int = 0
    seconds: float = 0.0
    p50: float = 0.0
    p99: float = 0.0
    longest: float = 0.0
    gap: float = 0.0
    errors: Mapping[str, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Operations a second."""
        return self.operations / self.seconds if self.seconds else 0.0

    @property
    def failed(self) -> int:
        """How many operations failed."""
        return sum(self.errors.values())


class Recording:
    """Every operation of an application, in the order in which they were told; times are those of `time.monotonic`."""

    def __init__(self) -> None:
        self._began = array("d")
        self._took = array("d")
        self._errors: list[tuple[float, str]] = []

    def add(self, began: Iterable[float], took: Iterable[float]) -> None:
        """More operations: when each began and how long it took."""
        self._began.extend(began)
        self._took.extend(took)

    def add_errors(self, errors: Iterable[tuple[float, str]]) -> None:
        """Which of them failed: when it began, and what the database said."""
        self._errors.extend(errors)

    def between(self, begin: float, end: float) -> Latencies:
        """The figures of one span; an operation that was under way at its begin or end counts whole."""
        every = zip(self._began, self._took, strict=False)  # another thread may be adding
        return self._figures([(b, t) for b, t in every if b <= end and b + t >= begin], begin, end)

    def latest(self, begin: float, end: float) -> Latencies:
        """The same for a span that ends now, without a look at everything before."""
        inside = []
        for place in range(len(self._took) - 1, -1, -1):
            began, took = self._began[place], self._took[place]
            if began + took < begin - _TOLD_LATE:
                break
            if began + took >= begin:
                inside.append((began, took))
        return self._figures(inside, begin, end)

    def _figures(self, inside: list[tuple[float, float]], begin: float, end: float) -> Latencies:
        if not inside:
            return Latencies(seconds=end - begin, gap=end - begin)
        durations = sorted(took for _, took in inside)
        ends = sorted(began + took for began, took in inside)
        gaps = (after - before for before, after in zip([begin, *ends], ends, strict=False))
        return Latencies(
            operations=len(inside),
            seconds=end - begin,
            p50=_share(durations, 0.5),
            p99=_share(durations, 0.99),
            longest=durations[-1],
            gap=max(gaps),
            errors=Counter(said for began, said in self._errors if begin <= began <= end),
        )


def _share(durations: list[float], share: float) -> float:
    return durations[min(len(durations) - 1, int(len(durations) * share))]
