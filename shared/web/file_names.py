"""Names of files on their way in and out: RFC 6266, and what is sent instead of it.

A name is kept as the person wrote it, in NFC, without what is no part of it (folders) or makes it look like another
(control characters, reversed writing).
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from email.errors import HeaderParseError
from email.header import decode_header
from urllib.parse import quote, unquote_to_bytes

LONGEST = 255
"""Octets in UTF-8: what file systems keep of a name."""
_LONGEST_ENDING = 20
_LOOKED_AT = 8 * LONGEST
"""Characters at each end of a name: more than it can need, however it is written."""
_PARAMETER = re.compile(r';\s*([!#$%&\'*+.^_`|~0-9A-Za-z-]+)\s*=\s*("(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[^;]*)', re.DOTALL)
_ENCODED_WORD = re.compile(r"=\?[^?\s]+\?[bBqQ]\?[^?]*\?=")
_CHARSETS = {"utf-8", "iso-8859-1", "windows-1251"}
_JOINERS = "\u200c\u200d"  # within words of some scripts, and within one picture of several
_ATTR = "!#$&+-.^_`|~"
"""What an ext-value need not encode (RFC 8187 §3.2.1), beside letters and digits."""


def name_in(disposition: str | None) -> str:
    """The file name that a ``Content-Disposition`` states, as it stands there; empty if it states none.

    ``disposition`` is the field as servers hand it on, an octet a character. ``filename*`` (RFC 8187) goes before
    ``filename``; of that are understood octets of UTF-8, encoded words (RFC 2047), percent-encoding and the pieces of
    RFC 2231, none of which RFC 6266 allows and all of which are sent.
    """
    given: dict[str, str] = {}
    for name, value in _PARAMETER.findall(";" + (disposition or "").partition(";")[2]):
        given.setdefault(name.lower(), _unquoted(value.strip()))
    extended = _extended(given["filename*"]) if "filename*" in given else None
    if extended is not None:
        return extended
    return _plain(given["filename"]) if "filename" in given else _pieced(given)


def fit_name(name: str) -> str:
    """``name`` fit to be kept, shown, signed and sent back; empty if nothing of it is left.

    What is too long is shortened before the ending.
    """
    last = re.split(r"[/\\]", name.encode("utf-8", "replace").decode())[-1]
    if len(last) > 2 * _LOOKED_AT:  # thousands of accents on one letter take a quarter of a second to be put in order
        last = last[:_LOOKED_AT] + last[-_LOOKED_AT:]
    last = unicodedata.normalize("NFC", last)
    shown = "".join(_fit_characters(last)).strip(" ._")
    # What begins with a dot is an ending without a name, or a file that its owner does not see.
    if "." not in shown and last.strip().startswith("."):
        return ""
    return _shortened(shown)


def disposition(kind: str, name: str) -> str:
    """A ``Content-Disposition`` of an answer: ``kind`` is ``attachment`` or ``inline``.

    With a name both ways (RFC 6266 appendix D): in ASCII for who knows nothing better, and whole.
    """
    fit = fit_name(name)
    if not fit:
        return kind
    plain = "".join(_ascii(fit))
    if plain == fit:
        return f'{kind}; filename="{plain}"'
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(fit, safe=_ATTR)}"


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value
    inside = value[1:-1] if len(value) > 1 and value.endswith('"') else value[1:]
    # Only these two: what else follows a backslash is the folder of a client that does not escape it.
    return re.sub(r'\\(["\\])', r"\1", inside)


def _extended(value: str) -> str | None:
    charset, _, rest = value.partition("'")
    _, quoted, octets = rest.partition("'")
    if not quoted or charset.lower() not in _CHARSETS:
        return None
    try:
        return unquote_to_bytes(octets.encode("latin-1", "replace")).decode(charset)
    except UnicodeDecodeError:
        return None


def _plain(value: str) -> str:
    text = _utf_8(value.encode("latin-1", "replace"), value)
    if _ENCODED_WORD.search(text):
        return _of_encoded_words(text)
    if "%" in text and text.isascii():
        decoded = _utf_8(unquote_to_bytes(text), text)
        if not decoded.isascii():  # else the person may have written "100%25"
            return decoded
    # As browsers write them in forms (WHATWG HTML §4.10.21.8).
    return text.replace("%22", '"')


def _of_encoded_words(text: str) -> str:
    try:
        parts = decode_header(text)
        return "".join(
            part if isinstance(part, str) else part.decode(charset if (charset or "").lower() in _CHARSETS else "ascii")
            for part, charset in parts
        )
    except (HeaderParseError, UnicodeDecodeError, ValueError):
        return text


def _pieced(given: Mapping[str, str]) -> str:
    """``filename*0``, ``filename*1*`` and so on."""
    pieces: list[str] = []
    while (number := len(pieces)) < LONGEST:
        piece = given.get(f"filename*{number}*", given.get(f"filename*{number}"))
        if piece is None:
            break
        pieces.append(piece)
    whole = "".join(pieces)
    return (_extended(whole) if "filename*0*" in given else None) or _plain(whole)


def _utf_8(octets: bytes, otherwise: str) -> str:
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return otherwise


def _fit_characters(name: str) -> Iterator[str]:
    for letter in name:
        kind = unicodedata.category(letter)
        if kind in {"Cc", "Zl", "Zp"}:
            yield "_"
        elif kind[0] != "C" or letter in _JOINERS:
            yield " " if kind == "Zs" else letter


def _shortened(name: str) -> str:
    if len(name.encode()) <= LONGEST:
        return name
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending.encode()) > _LONGEST_ENDING:
        stem, dot, ending = name, "", ""
    room = LONGEST - len((dot + ending).encode())
    kept = stem.encode()[:room].decode("utf-8", "ignore")
    whole = len(kept)
    while whole and unicodedata.combining(stem[whole]):  # a letter is not parted from its accents
        whole -= 1
    kept = stem[:whole] or kept
    return kept.rstrip(" .") + dot + ending


def _ascii(name: str) -> Iterator[str]:
    for letter in unicodedata.normalize("NFKD", name):
        if letter in '"\\%':  # what a quoted string, or a client that decodes it, would misread
            yield "_"
        elif " " <= letter <= "~":
            yield letter
        elif not unicodedata.combining(letter):
            yield "_"
