"""``egov dlq``: what the systems did not take, and handling it after all."""

import argparse
import json
import sys
from collections.abc import Iterator
from typing import Any

import httpx

from services.stand.addresses import Addresses
from services.stand.catalogue import SERVICES
from services.stand.embedded import fixed_ports
from services.stand.remote import Cannot, answer_of, fitting
from shared.kit.settings import StandSettings
from shared.messaging.http import waiting_client_to

_PAGE = 500
_NO_EFFECT_NEEDED = {"taken", "sent again", "re-driven before", "taken before"}


def run(options: argparse.Namespace) -> int:
    """Run the command; its exit code."""
    codes = [service.code for service in SERVICES if service.code != "pki"]
    if options.service is not None and options.service not in codes:
        return _complain(f"no system {options.service}; there are {', '.join(codes)}")
    if options.action != "list" and options.service is None:
        return _complain(f"which system? egov dlq {options.action} SERVICE …")
    try:
        addresses = Addresses.at(options.url, fixed_ports())
        with waiting_client_to(options.url, timeout=30, headers=_access()) as http:
            match options.action:
                case "list":
                    return _list(http, addresses, [options.service] if options.service else codes, options)
                case "show":
                    return _show(http, addresses.of(options.service), options)
                case _:
                    return _redrive(http, addresses.of(options.service), options)
    except ValueError as error:
        return _complain(str(error))


def _access() -> dict[str, str]:
    token = StandSettings().operations_token.get_secret_value()
    return {"Authorization": f"Bearer {token}"} if token else {}


def _list(http: httpx.Client, addresses: Addresses, codes: list[str], options: argparse.Namespace) -> int:
    found: dict[str, list[dict[str, Any]]] = {}
    silent: list[str] = []
    for code in codes:
        try:
            found[code] = list(_letters(http, addresses.of(code), options))
        except Cannot as reason:  # the others have theirs to show
            silent.append(f"{code}: {reason}")
    for line in silent:
        _complain(line)
    if options.json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
        return 1 if silent else 0
    for code, letters in found.items():
        for letter in letters:
            done = f"  re-driven {letter['redriven_at']}" if letter["redriven_at"] else ""
            what = f"{letter['type'] or 'unreadable'} {letter['subject'] or ''}".strip()
            print(f"{code:<17} {letter['id']:>6}  {letter['recorded_at']}  {letter['reason']:<18} {what}{done}")
    at = f" at {len(found)} of {len(codes)} systems" if silent else ""
    print(f"{sum(map(len, found.values()))} dead letters{at}")
    return 1 if silent else 0


def _letters(http: httpx.Client, url: str, options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Newest first; those already re-driven only with ``--all``."""
    params: dict[str, Any] = {"limit": _PAGE}
    if options.reason:
        params["reason"] = options.reason
    if not options.all:
        params["redriven"] = False
    while True:
        page = fitting(answer_of(http, "GET", f"{url}/operations/dead-letters", params=params), list)
        yield from page
        if len(page) < _PAGE:
            return
        params["before"] = page[-1]["id"]


def _show(http: httpx.Client, url: str, options: argparse.Namespace) -> int:
    if len(options.id) != 1:
        return _complain("show which one? egov dlq show SERVICE ID")
    letter = fitting(answer_of(http, "GET", f"{url}/operations/dead-letters/{options.id[0]}"), dict, "report", "value")
    if options.json:
        print(json.dumps(letter, ensure_ascii=False, indent=2))
        return 0
    report, value, headers = letter.pop("report"), letter.pop("value"), letter.pop("headers")
    for name, content in letter.items():
        print(f"{name:<12} {'' if content is None else content}")
    print("report\n" + json.dumps(report, ensure_ascii=False, indent=2))
    print("headers\n" + "\n".join(f"  {name}: {content}" for name, content in headers.items()))
    print(f"value\n{value}")
    return 0


def _redrive(http: httpx.Client, url: str, options: argparse.Namespace) -> int:
    """Re-drive by id, or with ``--reason`` all that were rejected for it; 0 if nothing is left to be done."""
    if not options.id and not options.reason:
        return _complain("re-drive what? egov dlq redrive SERVICE ID …, or --reason REASON for all of it")
    # The oldest first: the messages of an application follow from one another.
    wanted = sorted(set(options.id) or {letter["id"] for letter in _letters(http, url, options)})
    results = [answer_of(http, "POST", f"{url}/operations/dead-letters/{letter_id}/redrive") for letter_id in wanted]
    if options.json:
        print(json.dumps(results, ensure_ascii=False, indent=2))
    else:
        for result in results:
            detail = (result["report"] or {}).get("detail")
            why = ": ".join(part for part in (result["reason"], detail) if part)
            effect = "" if result["result"] == "taken" else "; no effect"
            print(f"{result['id']:>6}  {result['result']}{effect}{f'  ({why})' if why else ''}")
        print(f"{sum(result['result'] == 'taken' for result in results)} of {len(results)} taken")
    return 0 if all(result["result"] in _NO_EFFECT_NEEDED for result in results) else 1


def _complain(what: str) -> int:
    print(f"egov dlq: {what}", file=sys.stderr)
    return 1
