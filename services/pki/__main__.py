"""``python -m services.pki``: the certificate authority alone."""

from contextlib import suppress

import uvicorn

from services.pki.app import create_app
from services.pki.settings import Settings
from shared.kit.clock import Clock
from shared.kit.settings import StandSettings
from shared.web.server import limits_of, server_config

if __name__ == "__main__":
    settings, stand = Settings(), StandSettings()
    app = create_app(settings, stand, Clock())
    with suppress(KeyboardInterrupt):
        uvicorn.Server(server_config(app, settings.host, settings.port, limits_of(stand))).run()
