"""Settings of the citizen service centre."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.kit.settings import SignInSettings

_DEMO = Path(__file__).parents[2] / "deploy" / "demo"


class Settings(SignInSettings):
    """Prefix ``EGOV_CSC_``."""

    model_config = SettingsConfigDict(env_prefix="EGOV_CSC_", extra="ignore")

    port: int = 8102
    provider_url: str = "http://127.0.0.1:8105"
    """Where printed results are fetched from."""
    centres_file: Path = _DEMO / "centres.yaml"
    operators_file: Path = _DEMO / "operators.yaml"
    attachment_limit: int = Field(default=10 * 1024 * 1024, ge=1)
    """Bytes of one scan."""
    registry_retry_s: float = Field(default=30.0, gt=0)
    """Stand time after which a silent registry is asked again; doubled each time."""
    registry_attempts: int = Field(default=4, ge=1)
    """How often it is asked before the operator has to decide to go on."""
    slot_minutes: int = Field(default=15, ge=5, le=240)
    """Length of a slot of the electronic queue."""
    waiting_visitors: int = Field(default=300, ge=1)
    """Visitors who may wait at one centre at the same time; no more get a number."""
    booking_days: int = Field(default=30, ge=1)
    """How far ahead a slot can be booked."""
    watch_s: float = Field(default=0.5, gt=0)
    """Real seconds between two looks at what has become due."""
