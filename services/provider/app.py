"""The provider's application."""

from fastapi import FastAPI

from services.provider.bootstrap import compose
from services.provider.settings import Settings
from shared.hosting.app import create_hosted_app
from shared.kit.clock import Clock
from shared.kit.settings import StandSettings


def create_app(settings: Settings, stand: StandSettings, clock: Clock) -> FastAPI:
    """The provider, ready to be served."""
    return create_hosted_app(compose(settings, stand), settings, stand, clock)
