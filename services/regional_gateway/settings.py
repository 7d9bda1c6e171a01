"""Settings of the regional gateway."""

from pydantic_settings import SettingsConfigDict

from shared.kit.settings import ServiceSettings


class Settings(ServiceSettings):
    """Prefix ``EGOV_REGIONAL_GATEWAY_``."""

    model_config = SettingsConfigDict(env_prefix="EGOV_REGIONAL_GATEWAY_", extra="ignore")

    port: int = 8104
    timezone: str = "Asia/Almaty"
    """Whose calendar year the entry numbers count."""
