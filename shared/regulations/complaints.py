"""Complaints about a service, where the text has them: to whom, with what, and what becomes of them."""

from pydantic import Field

from shared.regulations.parts import Clause, Code, LawText, Part


class ComplaintLevel(Part):
    """What may be complained of, and to whom."""

    code: Code
    about: LawText
    addressee: LawText
    clause: Clause


class Complaints(Part):
    """The clauses say what a complaint has to contain, what the slip states, and how it is answered; ``court`` is the
    right that stays."""

    levels: tuple[ComplaintLevel, ...] = Field(min_length=1)
    fields_clause: Clause
    slip_clause: Clause
    answer_clause: Clause
    court: LawText
    court_clause: Clause
