"""Complaints about a service, where the text has them: of what, to whom, in which way, and what becomes of them."""

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from shared.messages.systems import System
from shared.regulations.parts import Clause, Code, LawText, Part
from shared.regulations.terms import Hours


class Way(StrEnum):
    """How a complaint is made."""

    WRITTEN = "written"
    """Handed in, on paper."""
    PORTAL = "portal"
    """Electronically, from the cabinet."""
    CALL_CENTRE = "call_centre"
    """By the telephone of the call centre, 1414."""


class AddresseeKind(StrEnum):
    """To whom complaints are made."""

    AUTHORISED_BODY = "authorised_body"
    AKIMAT = "akimat"
    MINISTRY = "ministry"
    CENTRE = "centre"
    ENTERPRISE = "enterprise"
    """The republican state enterprise that the centres belong to."""

    @property
    def system(self) -> System:
        """Whose system such an addressee works with."""
        return System.CSC if self in (AddresseeKind.CENTRE, AddresseeKind.ENTERPRISE) else System.PROVIDER


class ComplaintAddressee(Part):
    """Somebody complaints are made to. ``address`` and the like: as far as the text has them, else ``listed_in`` says
    where they would stand. ``passed_on_to``: who answers in place of who is complained of."""

    name: LawText
    clause: Clause
    address: LawText | None = None
    telephone: str | None = None
    website: str | None = None
    listed_in: str | None = None
    passed_on_to: AddresseeKind | None = None


class ComplaintLevel(Part):
    """What may be complained of, to whom, and how: each way with the clause that gives it. ``hours``: when it may be
    handed in; ``None`` where the text states none. ``of_the_decision``: whoever decided is complained of."""

    code: Code
    about: LawText
    addressee: LawText
    addressees: tuple[AddresseeKind, ...] = Field(min_length=1)
    ways: dict[Way, Clause] = Field(min_length=1)
    hours: Hours | None = None
    of_the_decision: bool = False
    clause: Clause


class Complaints(Part):
    """The clauses say what a complaint has to contain, what the slip states, how it is answered, and what the cabinet
    shows of it; ``court`` is the right that stays."""

    addressees: dict[AddresseeKind, ComplaintAddressee]
    levels: tuple[ComplaintLevel, ...] = Field(min_length=1)
    fields_clause: Clause
    slip_clause: Clause
    answer_clause: Clause
    tracking_clause: Clause
    court: LawText
    court_clause: Clause

    @model_validator(mode="after")
    def _addressees_are_there(self) -> Self:
        named = {kind for level in self.levels for kind in level.addressees}
        named |= {found.passed_on_to for found in self.addressees.values() if found.passed_on_to}
        if lacking := sorted(named - set(self.addressees)):
            raise ValueError(f"no such addressee: {', '.join(lacking)}")
        if len({level.code for level in self.levels}) < len(self.levels):
            raise ValueError("a level stands twice")
        return self

    def level(self, code: str) -> ComplaintLevel | None:
        """The level with this code, or ``None``."""
        return next((level for level in self.levels if level.code == code), None)
