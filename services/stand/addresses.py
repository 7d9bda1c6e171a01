"""Where the services of a stand listen."""

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Addresses:
    """Base URLs by system code."""

    urls: dict[str, str]

    def of(self, code: str) -> str:
        """The base URL of a system. Raises ``KeyError`` if this stand has none."""
        return self.urls[code]

    @classmethod
    def on_ports(cls, ports: dict[str, int], host: str = "127.0.0.1") -> "Addresses":
        """The addresses of services on one host."""
        return cls({code: f"http://{host}:{port}" for code, port in ports.items()})

    @classmethod
    def at(cls, url: str, ports: dict[str, int]) -> "Addresses":
        """The addresses of services on the host of ``url``; with ``{code}`` in it, each on a host of its own.

        Raises ``ValueError`` for what names no host.
        """
        if "{code}" in url:
            named = {code: cls.at(url.replace("{code}", code), {code: port}) for code, port in ports.items()}
            return cls({code: addresses.of(code) for code, addresses in named.items()})
        host = urlsplit(url if "//" in url else f"//{url}").hostname
        if not host:
            raise ValueError(f"{url!r} names no host")
        return cls.on_ports(ports, f"[{host}]" if ":" in host else host)
