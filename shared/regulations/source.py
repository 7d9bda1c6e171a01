"""The act a regulation stands in: who adopted it, what changed it, on which law and standard it rests."""

from datetime import date
from typing import Literal

from shared.kit.text import Text
from shared.regulations.parts import Clause, LawText, Part

Mode = Literal["electronic", "paper", "proactive", "partly_automated", "fully_automated", "not_automated"]
"""One word of the form in which a service is rendered. The texts say both how it reaches the recipient and how far it
is automated, and some only the one or the other."""

MODE_WORDS: dict[Mode, Text] = {
    "electronic": Text(kk="электрондық", ru="электронная", en="electronic"),
    "paper": Text(kk="қағаз түрінде", ru="бумажная", en="on paper"),
    "proactive": Text(kk="проактивті", ru="проактивная", en="proactive"),
    "partly_automated": Text(kk="ішінара автоматтандырылған", ru="частично автоматизированная", en="partly automated"),
    "fully_automated": Text(kk="толық автоматтандырылған", ru="полностью автоматизированная", en="fully automated"),
    "not_automated": Text(kk="автоматтандырылмаған", ru="не автоматизированная", en="not automated"),
}


class Change(Part):
    """An act that changed the one of the regulation. ``kind``: an amendment of some clause, or a new edition of the
    whole regulation, whose text is then the one that stands here."""

    kind: Literal["amendment", "new_edition"]
    by: LawText
    number: str
    adopted_on: date
    clause: Clause


class Source(Part):
    """The act: where the regulation stands and on which standard it rests. ``standard_registration_number``: of the act
    that approves the standard, in the state register of normative legal acts."""

    act: Literal["regulation", "standard", "requirements"]
    issuer: LawText
    approved_by: LawText | None = None
    number: str | None = None
    adopted_on: date | None = None
    annex: str | None = None
    registration_number: str | None = None
    registered_on: date | None = None
    repealed_by: str | None = None
    repealed_on: date | None = None
    changes: tuple[Change, ...] = ()
    standard: LawText | None = None
    standard_number: str | None = None
    standard_adopted_on: date | None = None
    standard_registration_number: str | None = None


class LegalBasis(Part):
    """The laws and acts the text itself rests on, in its own words."""

    text: LawText
    clause: Clause
