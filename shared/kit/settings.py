"""Settings from the environment: typed, prefixed with ``EGOV_``, few."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class StandSettings(BaseSettings):
    """What every service needs to know about the stand it is part of (prefix ``EGOV_``)."""

    model_config = SettingsConfigDict(env_prefix="EGOV_", extra="ignore")

    data_dir: Path = Path("var")
    """Where keys, databases and attachments are kept."""
    kafka_bootstrap: str = ""
    """``host:port`` of any Kafka-protocol cluster; empty: the stand starts its embedded broker."""
    assignment: Literal["static", "group"] = "group"
    """``static``: read all partitions from the beginning (embedded broker); ``group``: consumer groups."""
    fetch_wait_ms: int = Field(default=500, ge=1)
    """How long a broker may hold an empty fetch; the embedded broker holds it for the whole time, so it gets 5."""
    resend_after_s: float = Field(default=20.0, gt=0)
    """First pause before a message without a delivery receipt is sent again; doubled each time up to 60 s."""
    message_max_age_s: float = Field(default=7 * 86400.0, gt=0)
    """Messages older than this are stale and rejected; the inbox remembers for as long."""
    pki_url: str = "http://127.0.0.1:8106"
    enrolment_token: SecretStr = SecretStr("")
    """Shared secret with which a system asks the authority for its certificate."""
    tools: bool = False
    """Opens ``/__stand/`` on every service. Off unless enabled."""


class ServiceSettings(BaseSettings):
    """Base of one service's own settings; a subclass sets the prefix, e.g. ``EGOV_PORTAL_``."""

    host: str = "127.0.0.1"
    port: int = 0
    database_url: str = ""
    """SQLAlchemy URL; empty: SQLite in ``data_dir``."""
