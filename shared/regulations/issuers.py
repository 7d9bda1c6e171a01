"""Who may issue acts on which service: the organisations that render it, for whoever verifies what they have signed."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from shared.kit.checked_files import read_model
from shared.regulations.serving import Entry, ServingOrganisation

_DEMO = Path(__file__).parents[2] / "deploy" / "demo" / "organisations.yaml"


class _Organisation(ServingOrganisation):
    bin: str


class _File(Entry):
    organisations: tuple[_Organisation, ...]


class Issuers:
    """Organisations by what they may issue acts on; ``<issuer>/*`` stands for every regulation of an issuer."""

    def __init__(self, regulations: Mapping[str, frozenset[str]]) -> None:
        """``regulations``: those of an organisation, by its BIN."""
        self._regulations = regulations

    def may_issue(self, organisation_bin: str, regulation: str) -> bool:
        """Whether an authorised person of this organisation may sign acts on that service."""
        known = self._regulations.get(organisation_bin, frozenset())
        return regulation in known or f"{regulation.partition('/')[0]}/*" in known


def load_issuers(path: Path | None) -> Issuers:
    """From the file of organisations, without one from that of the demo. Raises ``FileFaults``, ``OSError``."""
    found: dict[str, set[str]] = {}
    for organisation_bin, regulation in _signing(read_model(path or _DEMO, _File).organisations):
        found.setdefault(organisation_bin, set()).add(regulation)
    return Issuers({organisation_bin: frozenset(named) for organisation_bin, named in found.items()})


def _signing(organisations: tuple[_Organisation, ...]) -> Iterator[tuple[str, str]]:
    """BIN and regulation of everybody who signs: the head of another organisation for one that only prepares."""
    bins = {organisation.code: organisation.bin for organisation in organisations}
    for organisation in organisations:
        for served in organisation.serves:
            yield bins.get(served.signed_by or "", organisation.bin), served.regulation
