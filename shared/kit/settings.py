"""Settings from the environment: typed, prefixed with ``EGOV_``, few.

Every setting may stand in a file instead, named by the variable with ``_FILE`` behind it: so secrets are handed over in
containers, where an environment can be read by too many.
"""

import os
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SecretStr, StringConstraints, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict


class _FromFiles(PydanticBaseSettingsSource):
    """``EGOV_X_FILE=/run/secrets/x``: the content of the file, without the line break at its end, is ``EGOV_X``."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """The content of the file for ``field_name``, ``None`` where no file is named. Raises ``WrongSetting``."""
        del field
        named = os.environ.get(f"{self.config.get('env_prefix', '')}{field_name}_file".upper(), "")
        try:
            content = Path(named).read_text(encoding="utf-8").rstrip("\r\n") if named else None
        except (OSError, UnicodeDecodeError) as error:
            variable = f"{self.config.get('env_prefix', '')}{field_name}_file".upper()
            raise WrongSetting(f"{variable}: {error}") from error
        return content, field_name, False

    def __call__(self) -> dict[str, Any]:
        """All values that stand in files."""
        found = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in found.items() if value is not None}


def _parts(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


_WITH_COMMAS = (NoDecode, BeforeValidator(_parts))
"""Several texts in one variable, with commas between them."""
_HostName = Annotated[str, StringConstraints(to_lower=True, pattern=r"^(\*\.)?[^\s/:*@]+$")]
_Origin = Annotated[str, StringConstraints(to_lower=True, pattern=r"^https?://[^\s/*@]+$")]


class WrongSetting(ValueError):
    """Settings that cannot be read; the text has one line for each, with the name of its variable."""


class _Settings(BaseSettings):
    def __init__(self, **values: Any) -> None:
        """Raises ``WrongSetting`` naming every variable that does not fit, never its value: it may be a secret."""
        try:
            super().__init__(**values)
        except ValidationError as error:
            prefix = self.model_config.get("env_prefix", "")
            faults = [(".".join(map(str, fault["loc"])), fault["msg"]) for fault in error.errors()]
            raise WrongSetting("\n".join(f"{prefix}{name}".upper() + f": {what}" for name, what in faults)) from None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments first, then the environment, then files."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, _FromFiles(settings_cls)


class StandSettings(_Settings):
    """What every service needs to know about the stand it is part of (prefix ``EGOV_``)."""

    model_config = SettingsConfigDict(env_prefix="EGOV_", extra="ignore")

    data_dir: Path = Path("var")
    """Where keys, databases and attachments are kept."""
    kafka_bootstrap: str = ""
    """``host:port`` of any Kafka-protocol cluster; without it only the authority can be served."""
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    kafka_username: str = ""
    kafka_password: SecretStr = SecretStr("")
    kafka_ca_file: Path | None = None
    """Certificates (PEM) of the authorities that the brokers' certificates come from; none: those of the system."""
    kafka_cert_file: Path | None = None
    """Certificate (PEM) with which this system shows who it is, where the brokers ask; with ``kafka_key_file``."""
    kafka_key_file: Path | None = None
    kafka_replicas: int = Field(default=1, ge=1)
    """Copies of each topic the stand creates; a cluster that shall survive a broker takes 3."""
    topics_file: Path | None = None
    """YAML with partitions, retention and largest message of topics, as ``shared/messages/topics.yaml``; none: it."""
    assignment: Literal["static", "group"] = "group"
    """``static``: read all partitions from the place noted in the database (embedded broker); ``group``: groups."""
    fetch_wait_ms: int = Field(default=500, ge=1)
    """How long a broker may hold an empty fetch; the embedded broker holds it for the whole time, so it gets 5."""
    resend_after_s: float = Field(default=20.0, gt=0)
    """First pause before a message without a delivery receipt is sent again; doubled each time up to 60 s."""
    message_max_age_s: float = Field(default=7 * 86400.0, gt=0)
    """Messages older than this are stale and rejected; the inbox remembers for twice as long."""
    dead_letters_kept: int = Field(default=10_000, ge=100)
    """Dead letters that a system keeps, and 64 KiB of room for each; the oldest go first, and are counted."""
    pki_url: str = "http://127.0.0.1:8106"
    addresses: dict[str, str] = {}
    """Where people reach the systems, by code (JSON): what ``/docs`` of each links to."""
    hosts: Annotated[tuple[_HostName, ...], *_WITH_COMMAS] = ()
    """Names by which others reach the services beside their codes and ``addresses``; ``*.example.org``: all below."""
    cors_origins: Annotated[tuple[_Origin, ...], *_WITH_COMMAS] = ()
    """Sites (``http://localhost:5173``) whose pages may call the services and read the answers: a front end's."""
    organisations_file: Path | None = None
    """YAML with the organisations whose authorised persons may sign acts, and on what; none: those of the demo."""
    kindergartens_file: Path | None = None
    """YAML with the preschool organisations that a form may name by their number; none: those of the demo."""
    enrolment_token: SecretStr = SecretStr("")
    """Shared secret with which a system asks the authority for its certificate."""
    auditor_token: SecretStr = SecretStr("")
    """Shared secret of the auditor, who reads the gateways' logs and journals; empty: they are closed."""
    operations_token: SecretStr = SecretStr("")
    """Shared secret of those who operate the stand, for ``/operations/``; empty: closed, but open with ``tools``."""
    clock_url: str = ""
    """Where the stand's time is kept, if not in this process: the authority's address. Only with ``tools``."""
    timezone: str = "Asia/Almaty"
    """Where the law's days begin and end: office hours, working days, terms."""
    holidays_file: Path | None = None
    """YAML with dates under ``holidays`` and ``working_days``, beside the country's own; none: only those."""
    http_head_s: float = Field(default=10.0, gt=0)
    """In this time the header fields of a call come to their end; a call that comes more slowly is told 408."""
    http_body_s: float = Field(default=20.0, gt=0)
    """In each such span at least 4 kB of a body come, or its end."""
    http_answer_s: float = Field(default=30.0, gt=0)
    """So long may a reader take nothing of an answer before the connection is cut."""
    http_idle_s: float = Field(default=75.0, gt=0)
    """So long is a connection kept on which nothing is asked; longer than any client keeps it."""
    http_connections: int = Field(default=2000, ge=1)
    """So many connections of one service are open at the same time; more are told 503."""
    http_waiters: int = Field(default=1000, ge=1)
    """So many calls of one service wait at the same time (``?wait=``, event streams); more are told 503."""
    http_trusted_proxies: Annotated[tuple[str, ...], *_WITH_COMMAS] = ()
    """Addresses and networks (``10.0.0.0/8``) of proxies before the services, whose ``X-Forwarded-For`` is believed:
    failed sign-ins are counted by address. None: that of the connection counts."""
    tools: bool = False
    """Opens ``/__stand/`` on every service. Off unless enabled."""


class ServiceSettings(_Settings):
    """Base of one service's own settings; a subclass sets the prefix, e.g. ``EGOV_PORTAL_``."""

    host: str = "127.0.0.1"
    port: int = 0
    database_url: str = ""
    """SQLAlchemy URL; empty: SQLite in ``data_dir``."""


class SignInSettings(ServiceSettings):
    """Settings of a service at which people sign in with a password."""

    session_hours: float = Field(default=8.0, gt=0)
    sessions_of_one: int = Field(default=50, ge=1)
    """Sessions one person may have at the same time; the next one ends that which would end first."""
    lockout_failures: int = Field(default=5, ge=1)
    """Failed sign-ins as one person from one address, or with one known device, within ``lockout_minutes`` after which
    that address, or that device, is locked out for as long."""
    lockout_subject_failures: int = Field(default=50, ge=1)
    """The same as one person from all addresses together: then only known devices are let in."""
    lockout_address_failures: int = Field(default=100, ge=1)
    """The same from one address as anybody."""
    lockout_minutes: float = Field(default=15.0, gt=0)
    device_days: float = Field(default=90.0, gt=0)
    """How long a device is known after a sign-in, in stand time."""

    @property
    def session_lifetime(self) -> timedelta:
        """How long a session lasts, in stand time."""
        return timedelta(hours=self.session_hours)
