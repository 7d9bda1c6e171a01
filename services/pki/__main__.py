"""``python -m services.pki``: the certificate authority alone."""

import uvicorn

from services.pki.app import create_app
from services.pki.settings import Settings
from shared.kit.clock import Clock
from shared.kit.settings import StandSettings

if __name__ == "__main__":
    settings = Settings()
    uvicorn.run(create_app(settings, StandSettings(), Clock()), host=settings.host, port=settings.port)
