"""Settings of the certificate authority."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.kit.settings import ServiceSettings


class Settings(ServiceSettings):
    """Prefix ``EGOV_PKI_``. Certificates, keys and containers are files in ``data_dir/pki``; there is no database."""

    model_config = SettingsConfigDict(env_prefix="EGOV_PKI_", extra="ignore")

    port: int = 8106
    public_url: str = "http://127.0.0.1:8106"
    """Where others reach this authority; written into certificates (CRL distribution point, OCSP)."""
    people_file: Path = Path(__file__).parents[2] / "deploy" / "demo" / "people.yaml"
    """The people of the stand."""
    crl_lifetime_s: float = Field(default=3600.0, ge=60)
    """How long a revocation list may be relied on (``nextUpdate``)."""
