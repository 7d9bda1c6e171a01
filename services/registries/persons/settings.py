"""Settings of the persons registry."""

from pydantic_settings import SettingsConfigDict

from services.registries.common.settings import RegistrySettings


class Settings(RegistrySettings):
    """Prefix ``EGOV_PERSONS_``."""

    model_config = SettingsConfigDict(env_prefix="EGOV_PERSONS_", extra="ignore")

    port: int = 8107
