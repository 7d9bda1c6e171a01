"""Settings of the provider."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.kit.settings import ServiceSettings

_DEMO = Path(__file__).parents[2] / "deploy" / "demo"


class Settings(ServiceSettings):
    """Prefix ``EGOV_PROVIDER_``."""

    model_config = SettingsConfigDict(env_prefix="EGOV_PROVIDER_", extra="ignore")

    port: int = 8105
    organisations_file: Path = _DEMO / "organisations.yaml"
    officers_file: Path = _DEMO / "officers.yaml"
    centres_file: Path = _DEMO / "centres.yaml"
    """Whose operators may apply for others: the BINs of the centres."""
    autopilot: bool = True
    """Decide at once by the grounds found; off: wait for an officer."""
    verification_url: str = "http://127.0.0.1:8101/verify"
    """Where anybody can check an act: ``<verification_url>/<sha256 of the act>``."""
    timezone: str = "Asia/Almaty"
    """Whose calendar tells the day of application."""
    session_hours: float = Field(default=8, gt=0)
    failures_allowed: int = Field(default=5, ge=1)
    """Failed sign-ins of one login within ``lockout_minutes`` before it is locked for the rest of them."""
    lockout_minutes: float = Field(default=15, gt=0)
    attachment_limit: int = Field(default=10 << 20, ge=1)
    """Bytes; a bigger attachment is a violation in the documents."""
    fetch_retry_s: float = Field(default=0.5, gt=0)
    """First pause before an attachment that could not be fetched is tried again; doubled each time up to 60 s."""
