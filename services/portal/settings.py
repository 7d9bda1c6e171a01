"""Settings of the portal."""

from datetime import timedelta
from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.kit.settings import SignInSettings


class Settings(SignInSettings):
    """Prefix ``EGOV_PORTAL_``."""

    model_config = SettingsConfigDict(env_prefix="EGOV_PORTAL_", extra="ignore")

    port: int = 8101
    provider_url: str = "http://127.0.0.1:8105"
    """Where printable results are fetched from."""
    csc_url: str = "http://127.0.0.1:8102"
    """Where slots of the centres' electronic queue are booked."""
    regional_gateway_url: str = "http://127.0.0.1:8104"
    """Where the place on a queue is asked for."""
    mobile_citizens_file: Path = Path(__file__).parents[2] / "deploy" / "demo" / "mobile-citizens.yaml"
    """The state's base of mobile citizens: the telephones to which passwords for registering go."""
    password_minutes: float = Field(default=5.0, gt=0)
    """How long a one-time password serves, in stand time."""
    password_failures: int = Field(default=3, ge=1)
    """Wrong one-time passwords of one device within ``lockout_minutes`` after which it is locked out for as long."""
    short_messages: int = Field(default=10, ge=1)
    """Short messages one recipient, or who says from one address that they are this one, may have sent within
    ``lockout_minutes``."""
    stranger_messages: int = Field(default=3, ge=1)
    """Those that one person may have sent to the telephone of another."""
    strangers_messages: int = Field(default=30, ge=1)
    """Those that all strangers together may have sent to the telephone of one person."""
    address_messages: int = Field(default=300, ge=1)
    """Those asked for, and wrong one-time passwords given, from one address by who is not signed in."""
    access_requests_a_day: int = Field(default=20, ge=1)
    """Requests for what other people have that one person may make in a day."""
    access_requests_about_one: int = Field(default=3, ge=1)
    """Those about the same person."""
    access_kept_days: float = Field(default=90.0, gt=0)
    """How long a request is kept after its time is over."""
    devices_of_one: int = Field(default=5, ge=1)
    """Telephones that one recipient may have."""
    bookings_of_one: int = Field(default=3, ge=1)
    """Times at centres that one recipient may have booked at the same time."""
    access_hours: float = Field(default=24.0, gt=0)
    """How long a third party's request can be answered, and what was given can be read."""
    drafts_of_one: int = Field(default=100, ge=1)
    """Drafts that one recipient may have at the same time."""
    drafts_given_up_a_day: int = Field(default=100, ge=1)
    """Drafts that one recipient may delete in a day: each was journaled."""
    draft_days: float = Field(default=90.0, gt=0)
    """A draft that nobody has changed for so long is abandoned and goes, with its files."""
    files_of_one: int = Field(default=200 * 1024 * 1024, ge=1)
    """Bytes of the files in all drafts of one recipient."""
    complaints_of_one: int = Field(default=20, ge=1)
    """Complaints that one recipient may have without an answer at the same time."""
    complaints_a_day: int = Field(default=30, ge=1)
    """Those that one recipient may make in a day."""
    complaints_about_one: int = Field(default=10, ge=1)
    """Those that one recipient may make about one application: its journal is told of each."""
    attachment_limit: int = Field(default=10 * 1024 * 1024, ge=1)
    """Bytes of one attachment."""

    @property
    def password_lifetime(self) -> timedelta:
        """How long a one-time password serves, in stand time."""
        return timedelta(minutes=self.password_minutes)

    @property
    def access_lifetime(self) -> timedelta:
        """How long a third party's request stands, in stand time."""
        return timedelta(hours=self.access_hours)
