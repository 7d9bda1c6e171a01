"""Settings of the notary registry."""

from pathlib import Path

from pydantic_settings import SettingsConfigDict

from services.registries.common.settings import RegistrySettings

_DEMO = Path(__file__).parents[3] / "deploy" / "demo"


class Settings(RegistrySettings):
    """Prefix ``EGOV_NOTARY_``."""

    model_config = SettingsConfigDict(env_prefix="EGOV_NOTARY_", extra="ignore")

    port: int = 8108
    powers_file: Path = _DEMO / "powers_of_attorney.yaml"
    """The powers of attorney at the first start."""
    timezone: str = "Asia/Almaty"
    """Whose calendar tells the day of an act."""
