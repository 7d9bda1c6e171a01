"""The application of the persons registry."""

from fastapi import FastAPI

from services.registries.persons.bootstrap import compose
from services.registries.persons.settings import Settings
from shared.hosting.app import create_hosted_app
from shared.kit.clock import Clock
from shared.kit.settings import StandSettings


def create_app(settings: Settings, stand: StandSettings, clock: Clock) -> FastAPI:
    """The persons registry, ready to be served."""
    return create_hosted_app(compose(settings, stand, clock), settings, stand, clock)
