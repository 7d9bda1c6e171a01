"""Annexes that show how a service is rendered: handbooks of business processes, diagrams, and the legend under them.

The pictures are in none of the texts; what a diagram is drawn with is.
"""

from typing import Literal

from shared.kit.text import Language
from shared.regulations.parts import ChannelName, Clause, Code, LawText, Part


class Symbol(Part):
    """One symbol of a legend: its abbreviation, and what it stands for in the words of the text."""

    code: Code
    short: LawText
    text: LawText


class Legend(Part):
    """The symbols under a picture. ``only_in``: the languages that have it, empty for all. Without ``symbols`` the text
    has no more than the heading."""

    title: LawText
    only_in: tuple[Language, ...] = ()
    symbols: tuple[Symbol, ...] = ()
    note: str | None = None


class Annex(Part):
    """One picture. ``handbook``: of the provider's procedure; ``diagram``: of the systems in one ``channel``."""

    code: Code
    kind: Literal["handbook", "diagram"]
    title: LawText
    clause: Clause
    channel: ChannelName | None = None
    legend: Legend | None = None
