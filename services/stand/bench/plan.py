"""What to measure and how much of it: the options of ``egov bench``."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

EMBEDDED = "embedded"
MOST_APPLICATIONS = 20_000


@dataclass(frozen=True)
class Plan:
    """One run of the benchmark. Everything is bounded in count, and waiting in time."""

    applications: int = 1000
    """Of one repetition."""
    channel: Literal["portal", "csc"] = "portal"
    broker: str = EMBEDDED
    """``embedded``, or ``host:port`` of a Kafka cluster."""
    processes: bool = False
    """Every service, and every stage of the floor, in a process of its own."""
    repetitions: int = 3
    window: int = 200
    """Applications on their way at the same time while throughput is measured. With many more, a receipt takes longer
    than the stand waits before it sends again."""
    floor_window: int = 500
    """The same in the bare pipeline, which has nothing to send again; with fewer its nodes wait for one another."""
    warm_up: int = 50
    alone: int = 200
    """Applications sent one at a time for the unloaded latency."""
    paced: int = 1500
    """Applications sent at 70 % of the measured rate; at most."""
    sizes: tuple[int, ...] = (1000, 10_000, 100_000)
    """Stored applications at which the cost of one more is measured."""
    growth_batch: int = 200
    part_hops: int = 4000
    """Hops for crypto, broker and database alone."""
    peer_runs: int = 200
    plot: Path | None = None

    @classmethod
    def of(
        cls,
        *,
        applications: int | None = None,
        channel: Literal["portal", "csc"] = "portal",
        broker: str = EMBEDDED,
        processes: bool = False,
        plot: Path | None = None,
        quick: bool = False,
    ) -> "Plan":
        """From the options of the command. ``quick`` is for seeing that it works, its numbers say little.

        Raises ``ValueError`` for a number of applications that is no good.
        """
        if applications is not None and not 1 <= applications <= MOST_APPLICATIONS:
            raise ValueError(f"--applications takes 1 to {MOST_APPLICATIONS}")
        if plot is not None and plot.suffix.lower() != ".svg":
            raise ValueError("--plot writes SVG: the file name must end in .svg")
        common = {"channel": channel, "broker": broker, "processes": processes, "plot": plot}
        if not quick:
            return cls(applications=applications or cls.applications, **common)  # type: ignore[arg-type]
        count = applications or 20
        return cls(
            applications=count,
            repetitions=1,
            warm_up=2,
            alone=count,
            paced=count,
            sizes=(50, 200),
            growth_batch=count,
            part_hops=200,
            peer_runs=5,
            **common,  # type: ignore[arg-type]
        )

    @property
    def embedded(self) -> bool:
        """Whether the stand brings its own broker."""
        return self.broker == EMBEDDED

    def as_dict(self) -> dict[str, Any]:
        """The settings as they are printed."""
        fields = asdict(self)
        del fields["plot"]  # where the picture goes changes no number
        return {**fields, "sizes": list(self.sizes)}
