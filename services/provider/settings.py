"""Settings of the provider."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.kit.settings import SignInSettings

_DEMO = Path(__file__).parents[2] / "deploy" / "demo"


class Settings(SignInSettings):
    """Prefix ``EGOV_PROVIDER_``."""

    model_config = SettingsConfigDict(env_prefix="EGOV_PROVIDER_", extra="ignore")

    port: int = 8105
    organisations_file: Path = _DEMO / "organisations.yaml"
    officers_file: Path = _DEMO / "officers.yaml"
    kindergartens_file: Path = _DEMO / "kindergartens.yaml"
    """Preschool organisations with the places that vouchers are given for."""
    centres_file: Path = _DEMO / "centres.yaml"
    """Whose operators may apply for others: the BINs of the centres."""
    autopilot: bool = True
    """Decide at once by the grounds found; off: wait for an officer."""
    autopilot_hours: Literal["as-stated", "office"] = "as-stated"
    """When the autopilot works. ``as-stated``: it rests where the text says that nothing is done, else it goes on at
    once, also at night; ``office``: only while the office of the service is open."""
    portal_url: str = "http://127.0.0.1:8101"
    csc_url: str = "http://127.0.0.1:8102"
    """Where attachments are fetched that the portal, and a centre, keep: nowhere else, whatever a message says."""
    verification_url: str = "http://127.0.0.1:8101/verify"
    """Where anybody can check an act: ``<verification_url>/<sha256 of the act>``."""
    attachment_limit: int = Field(default=10 << 20, ge=1)
    """Bytes; a bigger attachment is a violation in the documents."""
    registry_retry_s: float = Field(default=30.0, gt=0)
    """Stand time after which a silent registry is asked again; doubled each time."""
    registry_attempts: int = Field(default=4, ge=1)
    """How often it is asked before an officer may decide without the answer."""
    registry_longest_pause_s: float = Field(default=3600.0, gt=0)
    """Stand time between two requests at most; asking never ends while there is no decision."""
    fetch_retry_s: float = Field(default=0.5, gt=0)
    """First pause before an attachment that could not be fetched is tried again; doubled each time up to 60 s."""
