"""Where the people of the register come from and live."""

from datetime import date
from random import Random

from services.registries.persons.domain import KAZAKHSTAN
from shared.messages.extracts import Address, Coded, Named

ALMATY = "almaty"
_CITY = Named(kk="Алматы қаласы", ru="город Алматы")
COUNTRIES: dict[str, Address] = {
    ALMATY: Address(country=KAZAKHSTAN, region=_CITY),
    "china": Address(
        country=Coded(code="156", kk="Қытай", ru="Китай"),
        region=Named(kk="Шыңжаң Ұйғыр автономиялық ауданы", ru="Синьцзян-Уйгурский автономный район"),
    ),
    "mongolia": Address(
        country=Coded(code="496", kk="Моңғолия", ru="Монголия"),
        region=Named(kk="Баян-Өлгий аймағы", ru="Баян-Улгийский аймак"),
    ),
    "uzbekistan": Address(
        country=Coded(code="860", kk="Өзбекстан", ru="Узбекистан"),
        region=Named(kk="Ташкент қаласы", ru="город Ташкент"),
    ),
}
NATIONALITIES = {
    "kazakh": Coded(code="005", kk="қазақ", ru="казах"),
    "russian": Coded(code="001", kk="орыс", ru="русский"),
}
_DISTRICTS = (
    Named(kk="Алатау ауданы", ru="Алатауский район"),
    Named(kk="Алмалы ауданы", ru="Алмалинский район"),
    Named(kk="Әуезов ауданы", ru="Ауэзовский район"),
    Named(kk="Бостандық ауданы", ru="Бостандыкский район"),
    Named(kk="Медеу ауданы", ru="Медеуский район"),
)
_STREETS = (
    Named(kk="Абай даңғылы", ru="проспект Абая"),
    Named(kk="Бөгенбай батыр көшесі", ru="улица Богенбай батыра"),
    Named(kk="Жандосов көшесі", ru="улица Жандосова"),
    Named(kk="Сәтбаев көшесі", ru="улица Сатпаева"),
    Named(kk="Төле би көшесі", ru="улица Толе би"),
)


def address_in(draw: Random, since: date, until: date | None = None) -> Address:
    """Some address in the city of Almaty. The building numbers are higher than any real one."""
    district, street = draw.randrange(len(_DISTRICTS)), draw.randrange(len(_STREETS))
    building, flat = draw.randrange(1001, 1400), draw.randrange(1, 90)
    return Address(
        country=KAZAKHSTAN,
        region=_CITY,
        district=_DISTRICTS[district],
        street=_STREETS[street],
        building=str(building),
        flat=str(flat),
        since=since,
        until=until,
        ar_code=f"02{district}{street}{building}{flat:04d}",
    )
