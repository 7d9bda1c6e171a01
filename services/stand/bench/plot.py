"""The results as one SVG picture: throughput, latency, growth. By hand, for three bar charts need no library."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

_WIDTH, _PANEL, _LEFT, _BAR, _GAP = 760, 420, 230, 22, 8
_HEAD = 34


@dataclass(frozen=True)
class Bar:
    """One value, with the range of its repetitions if it has one."""

    label: str
    value: float
    lowest: float | None = None
    highest: float | None = None

    @classmethod
    def of(cls, label: str, figure: dict[str, float]) -> "Bar":
        """From the median and range of a figure."""
        return cls(label, figure["median"], figure["lowest"], figure["highest"])


def draw(results: dict[str, Any]) -> str:
    """The picture as text."""
    panels = [
        ("applications a second", _throughput(results)),
        ("milliseconds from submit to result", _latency(results["stand"])),
        (
            "CPU milliseconds of an application, by applications stored",
            [Bar.of(f"{p['stored']:,}", p["cpu_ms_per_application"]) for p in results["growth"]["points"]],
        ),
    ]
    parts, top = [], 10
    for title, bars in panels:
        drawn, height = _panel(title, bars, top)
        parts += drawn
        top += height
    machine = results["hardware"]
    footer = f"{machine['cpu']}, {machine['cores']} cores; load average before {results['load_average']['before'][0]}"
    parts.append(_text(10, top + 14, footer, size=11))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top + 26}" font-family="sans-serif">'
        f'<rect width="100%" height="100%" fill="white"/>{"".join(parts)}</svg>\n'
    )


def _throughput(results: dict[str, Any]) -> list[Bar]:
    bars = [
        Bar.of("bare pipeline", results["floor"]["applications_per_s"]),
        Bar.of("stand", results["stand"]["applications_per_s"]),
    ]
    peers = (peer for peer in results["peers"] if "applications_per_s" in peer)
    return bars + [Bar(f"{peer['name']}, flow only", peer["applications_per_s"]) for peer in peers]


def _latency(stand: dict[str, Any]) -> list[Bar]:
    found = (("unloaded", stand["latency_alone"]), ("at 70 %", stand["latency_at_70_percent"]))
    return [Bar(f"{when}, {name}", values[f"{name}_ms"]) for when, values in found for name in ("p50", "p95", "p99")]


def _panel(title: str, bars: Sequence[Bar], top: int) -> tuple[list[str], int]:
    largest = max((bar.highest or bar.value for bar in bars), default=0) or 1
    parts = [_text(10, top + 20, title, size=14, weight="bold")]
    y = top + _HEAD
    for bar in bars:
        length = bar.value / largest * _PANEL
        middle = y + _BAR / 2
        parts.append(_text(_LEFT - 8, middle + 4, bar.label, anchor="end"))
        parts.append(f'<rect x="{_LEFT}" y="{y}" width="{length:.1f}" height="{_BAR}" fill="#3b6ea5"/>')
        end = length
        if bar.lowest is not None and bar.highest is not None:
            low, end = bar.lowest / largest * _PANEL, bar.highest / largest * _PANEL
            parts.append(
                f'<path d="M{_LEFT + low:.1f} {middle}H{_LEFT + end:.1f}" stroke="black" stroke-width="2" fill="none"/>'
            )
        parts.append(_text(_LEFT + max(end, length) + 6, middle + 4, f"{bar.value:g}"))
        y += _BAR + _GAP
    return parts, y - top


def _text(x: float, y: float, text: str, *, size: int = 12, anchor: str = "start", weight: str = "normal") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" font-weight="{weight}">'
        f"{escape(text)}</text>"
    )
