"""Settings that both registries have."""

from pathlib import Path

from pydantic import Field

from shared.kit.settings import ServiceSettings

_DEMO = Path(__file__).parents[3] / "deploy" / "demo"


class RegistrySettings(ServiceSettings):
    """Base; each registry sets its own prefix and port."""

    registries_file: Path = _DEMO / "registries.yaml"
    """Who keeps the registries and signs for them."""
    people_file: Path = _DEMO / "people.yaml"
    """The people of the stand; each stands in the persons registry."""
    families_file: Path = _DEMO / "families.yaml"
    """Their families, and the people with a fate of the persons registry."""
    late_s: float = Field(default=2.0, gt=0)
    """By how much the fault ``late`` delays an answer, in seconds of stand time."""
