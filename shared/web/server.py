"""How every service is served: uvicorn with the stand's bounds on connections and calls."""

from functools import partial
from typing import Any, cast

import uvicorn
from fastapi import FastAPI

from shared.kit.settings import StandSettings
from shared.web.limits import HttpLimits
from shared.web.protocol import BoundedProtocol


def limits_of(stand: StandSettings) -> HttpLimits:
    """The bounds that the operator has set."""
    return HttpLimits(
        head_s=stand.http_head_s,
        body_s=stand.http_body_s,
        answer_s=stand.http_answer_s,
        idle_s=stand.http_idle_s,
        connections=stand.http_connections,
        trusted_proxies=stand.http_trusted_proxies,
    )


def server_config(app: FastAPI, host: str, port: int, limits: HttpLimits, **settings: Any) -> uvicorn.Config:
    """The server of ``app``; ``settings`` are further ones of uvicorn."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=cast("Any", partial(BoundedProtocol, limits)),
        ws="none",
        lifespan="on",
        timeout_keep_alive=cast("int", limits.idle_s),
        # Only of who the operator trusts: to anybody else's word on addresses nothing is given.
        proxy_headers=bool(limits.trusted_proxies),
        forwarded_allow_ips=list(limits.trusted_proxies),
        **settings,
    )
