"""Norms and targets of the indicators: entered by whoever approves them by order (004, clause 19).

The table shows them beside what was measured.
"""

from dataclasses import dataclass
from datetime import date

from services.provider.domain.quality import QualityNorm, norm_key
from services.provider.errors import NormsNotProvided
from services.provider.repository import NORMS
from services.provider.service.complaints import HEADS
from services.provider.service.context import Context
from services.provider.service.officers import Officer, Officers
from services.provider.service.quality import INDICATORS
from shared.kit.errors import InvalidInput, NotFound
from shared.messaging.platform import Platform
from shared.regulations.errors import WrongRole
from shared.regulations.measures import QualityMeasures
from shared.regulations.terms import Role


@dataclass(frozen=True)
class Approved:
    """What an order approves for one indicator and year, in per cent; ``target`` is of the next year."""

    norm: float | None
    target: float | None
    order_number: str
    order_date: date


class Norms:
    """Use cases of who approves."""

    def __init__(self, context: Context, officers: Officers) -> None:
        self._context = context
        self._officers = officers
        self._platform: Platform | None = None

    def open(self, platform: Platform) -> None:
        """Work with ``platform`` from now on."""
        self._platform = platform

    async def enter(
        self, officer: Officer, regulation: str, year: int, indicator: str, approved: Approved
    ) -> QualityNorm:
        """Enter what the order says, in place of what an earlier one said.

        Raises ``NotFound`` for an unknown regulation or indicator, ``NormsNotProvided`` where the text has nothing
        approved, ``WrongRole`` for anybody but the head of who approves, ``InvalidInput`` for a day that is to come.
        """
        stated = self._stated(regulation)
        if indicator not in INDICATORS:
            raise NotFound(f"there is no indicator {indicator!r}")
        own = self._officers.organisation_of(officer)
        if own.kind != stated.approved_by or not HEADS & set(officer.roles):
            raise WrongRole("norms are entered by who approves them", role=Role.HEAD.value, clause=stated.clause)
        assert self._platform is not None, "norms are opened with the platform"
        key = norm_key(regulation, year, indicator)
        async with self._platform.runtime.work([(NORMS, key)]) as work:
            if approved.order_date > self._context.local(work.now).date():
                message = "the order is of a day that is to come"
                raise InvalidInput(faults=[{"in": "body", "path": "/order_date", "message": message}])
            entered = QualityNorm(
                key=key,
                regulation=regulation,
                year=year,
                indicator=indicator,
                norm=approved.norm,
                target=approved.target,
                order_number=approved.order_number,
                order_date=approved.order_date,
                entered_by=officer.login,
                entered_at=work.now,
            )
            work.put(NORMS, entered)
        return entered

    async def of_year(self, regulation: str, year: int) -> dict[str, QualityNorm]:
        """What is approved for a service in one year, by indicator."""
        assert self._platform is not None, "norms are opened with the platform"
        keys = [norm_key(regulation, year, indicator) for indicator in INDICATORS]
        async with self._platform.database.session() as session:
            found = await NORMS.load(session, keys)
        return {norm.indicator: norm for norm in found.values()}

    def _stated(self, regulation: str) -> QualityMeasures:
        law = self._context.regulations.get(regulation)
        if law is None:
            raise NotFound(f"there is no regulation {regulation!r}")
        if law.quality is None:
            raise NormsNotProvided(f"{regulation} has no norms approved")
        return law.quality
