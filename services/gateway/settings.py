"""Settings of the gateway."""

from pydantic_settings import SettingsConfigDict

from shared.kit.settings import ServiceSettings


class Settings(ServiceSettings):
    """Prefix ``EGOV_GATEWAY_``."""

    model_config = SettingsConfigDict(env_prefix="EGOV_GATEWAY_", extra="ignore")

    port: int = 8103
