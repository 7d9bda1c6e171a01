"""Where a text says that something can be learnt about the service, or about complaining: sites, telephones, stands."""

from typing import Literal

from pydantic import Field

from shared.regulations.parts import Clause, Code, LawText, Part

Subject = Literal["service", "progress", "forms", "places", "complaints"]
"""What can be learnt there. ``progress``: how far an application is; ``forms``: blank forms; ``places``: where the
service is rendered; ``complaints``: how to complain."""


class Information(Part):
    """One source of information, in the words of the text; ``telephones`` and ``sites`` as they stand in it."""

    code: Code
    about: tuple[Subject, ...] = Field(min_length=1)
    text: LawText
    clause: Clause
    telephones: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
