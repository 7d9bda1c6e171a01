"""Forms and runs of the short form, for tests: the package, the provider, the result."""

from datetime import date
from typing import Any

from shared.regulations.model import Regulation
from shared.regulations.samples import Person, sample_form
from tests.unit.csc.answers import decide, register
from tests.unit.csc.bench import Bench
from tests.unit.csc.forms import APPLICANT

ORALMAN = "almaty-oblast/oralman-status"
TODAY = date(2026, 6, 2)
OPERATORS = {"csc": "ainur", "branch": "daulet", "mobile": "marzhan", "employment_centre": "nurlan"}
"""Who works where in the demo: at the department, the district branch, the mobile and the employment centre."""


def form_for(regulation: Regulation, channel: str = "csc", variant: str = "default") -> dict[str, Any]:
    """A form that fits."""
    return sample_form(regulation, channel, variant, Person(APPLICANT), TODAY).form


async def received(bench: Bench, service: str = ORALMAN, at: str = "csc", **matter: Any) -> str:
    """A package with a form, at the centre of that kind."""
    bench.headers = await bench.sign_in(OPERATORS[at])
    channel = "employment_centre" if at == "employment_centre" else "csc"
    regulation = bench.regulations[service]
    opened = await bench.done("POST", "/matters", json={"service": service, **matter})
    await bench.done("PUT", f"/matters/{opened['id']}/form", json=form_for(regulation, channel))
    return str(opened["id"])


async def complete(bench: Bench, matter: str) -> None:
    """Every document that is missing is there, compared, scanned and given back."""
    for item in (await bench.state(matter))["missing"]:
        await bench.paper(matter, item["document"])


async def accepted(bench: Bench, service: str = ORALMAN, at: str = "csc") -> str:
    """A complete package that was accepted against the receipt."""
    matter = await received(bench, service, at)
    await complete(bench, matter)
    await bench.done("POST", f"/matters/{matter}/accept")
    return matter


async def sent(bench: Bench, service: str = ORALMAN, at: str = "csc") -> str:
    """An accepted package that is with the provider."""
    matter = await accepted(bench, service, at)
    await bench.done("POST", f"/matters/{matter}/hand-over")
    return matter


async def answered(bench: Bench, service: str = ORALMAN, at: str = "csc", *, granted: bool = True) -> str:
    """A package the provider has decided on."""
    matter = await sent(bench, service, at)
    await register(bench, matter)
    await decide(bench, matter, granted=granted)
    return matter
