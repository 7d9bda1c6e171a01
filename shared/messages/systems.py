"""The systems that exchange messages, by their codes on the wire and in certificates."""

from enum import StrEnum


class System(StrEnum):
    """Code of a system; also the last part of the certificate's ``urn:egov:system:`` name."""

    PORTAL = "portal"
    """ЭҮП / ПЭП, the portal with the personal cabinet."""
    CSC = "csc"
    """ХҚКО АЖ / ИС ЦОН, the information system of the citizen service centre."""
    GATEWAY = "gateway"
    """ЭҮШ / ШЭП, the central gateway."""
    REGIONAL_GATEWAY = "regional-gateway"
    """ЭҮАШ / РШЭП with its workplace."""
    PROVIDER = "provider"
    """Көрсетілетін қызметті беруші / услугодатель."""
    PERSONS = "persons"
    """ЖТ ММБ / ГБД ФЛ."""
    NOTARY = "notary"
    """БНАЖ / ЕНИС."""


SYSTEM_NAMES: dict[System, str] = {
    System.PORTAL: "e-government web portal",
    System.CSC: "citizen service centre",
    System.GATEWAY: "e-government gateway",
    System.REGIONAL_GATEWAY: "regional e-government gateway",
    System.PROVIDER: "service provider",
    System.PERSONS: "state database of natural persons",
    System.NOTARY: "unified notarial information system",
}
"""What the systems are called on pages and in certificates."""
