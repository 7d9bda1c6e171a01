"""The provider's application."""

from fastapi import FastAPI

from services.provider.bootstrap import compose
from services.provider.service.organisations import require_all_served
from services.provider.settings import Settings
from shared.hosting.app import create_hosted_app
from shared.kit.clock import Clock
from shared.kit.settings import StandSettings
from shared.regulations.loader import load_regulations


def create_app(settings: Settings, stand: StandSettings, clock: Clock) -> FastAPI:
    """The provider, ready to be served. Raises ``ValueError`` if its files do not hold together, or nobody renders a
    regulation that the stand runs."""
    require_all_served(settings.organisations_file, load_regulations())
    return create_hosted_app(compose(settings, stand, clock), settings, stand, clock)
