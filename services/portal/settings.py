"""Settings of the portal."""

from datetime import timedelta

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.kit.settings import ServiceSettings


class Settings(ServiceSettings):
    """Prefix ``EGOV_PORTAL_``."""

    model_config = SettingsConfigDict(env_prefix="EGOV_PORTAL_", extra="ignore")

    port: int = 8101
    public_url: str = "http://127.0.0.1:8101"
    """Where other systems reach this portal; goes into the links to attachments."""
    provider_url: str = "http://127.0.0.1:8105"
    """Where printable results are fetched from."""
    csc_url: str = "http://127.0.0.1:8102"
    """Where slots of the centres' electronic queue are booked."""
    session_hours: float = Field(default=8.0, gt=0)
    lockout_failures: int = Field(default=5, ge=1)
    """Failed sign-ins of one IIN within ``lockout_minutes`` after which it is locked out for as long."""
    lockout_minutes: float = Field(default=15.0, gt=0)
    attachment_limit: int = Field(default=10 * 1024 * 1024, ge=1)
    """Bytes of one attachment."""

    @property
    def session_lifetime(self) -> timedelta:
        """How long a session lasts, in stand time."""
        return timedelta(hours=self.session_hours)
