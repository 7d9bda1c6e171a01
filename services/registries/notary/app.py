"""The application of the notary registry."""

from fastapi import FastAPI

from services.registries.notary.bootstrap import compose
from services.registries.notary.settings import Settings
from shared.hosting.app import create_hosted_app
from shared.kit.clock import Clock
from shared.kit.settings import StandSettings


def create_app(settings: Settings, stand: StandSettings, clock: Clock) -> FastAPI:
    """The notary registry, ready to be served."""
    return create_hosted_app(compose(settings, stand), settings, stand, clock)
