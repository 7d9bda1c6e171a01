"""Where the services of a stand listen."""

from dataclasses import dataclass


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
