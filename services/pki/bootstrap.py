"""The authority put together from settings."""

from datetime import timedelta

from services.pki.repository import CertificateRegister, load_people, open_authority
from services.pki.service import AuthorityService
from services.pki.settings import Settings
from shared.kit.clock import Clock
from shared.kit.settings import StandSettings


def open_service(settings: Settings, stand: StandSettings, clock: Clock) -> AuthorityService:
    """The authority with its files in ``data_dir/pki``. Raises ``BrokenStore``; takes 10 ms at the first start."""
    directory = stand.data_dir / "pki"
    return AuthorityService(
        open_authority(directory / "ca", settings.public_url),
        CertificateRegister(directory),
        load_people(settings.people_file),
        clock,
        token=stand.enrolment_token.get_secret_value(),
        crl_lifetime=timedelta(seconds=settings.crl_lifetime_s),
    )
