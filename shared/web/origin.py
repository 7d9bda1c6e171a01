"""The address a call comes from, as failures are counted by it.

It is that of the connection, or, where that is a proxy the operator trusts (``EGOV_HTTP_TRUSTED_PROXIES``), the one the
proxy has put into ``X-Forwarded-For``; uvicorn reads that (``shared/web/server.py``). Anybody else's is not believed.
"""

import ipaddress
from typing import Annotated

from fastapi import Depends, Request

_SUBSCRIBER_BITS = 64
"""Of an IPv6 address: what one subscriber has at least (RFC 6177), who can call from every address in it."""


def counted_address(host: str) -> str:
    """What stands for ``host`` in counts: an IPv4 address, the /64 of an IPv6 one; what is no address as it is, cut."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host[:60]
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            return str(ipaddress.ip_network((int(address), _SUBSCRIBER_BITS), strict=False))
        address = address.ipv4_mapped
    return str(address)


def _address(request: Request) -> str:
    return counted_address(request.client.host if request.client else "")


CallerAddress = Annotated[str, Depends(_address)]
"""The address to count the caller by. Give it to an operation as a parameter."""
