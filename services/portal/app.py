"""The portal's application."""

from fastapi import FastAPI

from services.portal.bootstrap import compose
from services.portal.settings import Settings
from shared.hosting.app import create_hosted_app
from shared.kit.clock import Clock
from shared.kit.settings import StandSettings
from shared.regulations.kindergartens import with_kindergartens
from shared.regulations.loader import load_regulations


def create_app(settings: Settings, stand: StandSettings, clock: Clock) -> FastAPI:
    """The portal, ready to be served."""
    regulations = with_kindergartens(load_regulations(), stand.kindergartens_file, stand.organisations_file)
    return create_hosted_app(compose(settings, stand, clock, regulations), settings, stand, clock)
