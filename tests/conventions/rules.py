"""The conventions as functions: sources in, findings out. ``test_rules`` plants a violation of each."""

import ast
import re
import statistics
from collections.abc import Collection, Iterable, Iterator, Sequence

from tests.conventions.sources import Source

HARD_LIMIT = 400
MEDIAN_LIMIT = 120

_WALL_CLOCKS = {
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
    "time.time",
    "time.time_ns",
    "time.localtime",
    "time.gmtime",
    "time.ctime",
}
_CLOCK = "shared/kit/clock.py"
_CLIENTS = "shared/messaging/http.py"
_TASKS = {"asyncio.create_task", "asyncio.ensure_future"}
_ORCHESTRATION = "services/stand/"
_BACKGROUND = "shared/kit/background.py"
_SHORT_TASKS = {
    "shared/crypto/directory.py": "one question to the authority, asked anew while it is needed",
    "shared/hosting/timekeeping.py": "a stage of a reset, done anew while the leader asks for it",
    "shared/messaging/access.py": "closing a client",
    "shared/messaging/ahead.py": "reading on while a batch is handled; what breaks it is raised by the next reading",
    "shared/messaging/broker.py": "one publication, and commits, which the next one makes up for",
    "shared/messaging/receipts.py": "receipts, which the next one begins anew",
    "shared/messaging/runtime.py": "publishing what a command committed; what does not get out is sent again",
    "shared/messaging/verification.py": "one question to who keeps the time",
    "shared/web/head.py": "one call",
    "shared/web/presence.py": "one call",
    "shared/web/sse.py": "one stream",
    "shared/web/wait.py": "one reading",
}
"""Where tasks are begun that end by themselves, or are begun anew by whatever comes next."""
_SYNONYMS = {"handlers.py", "helpers.py", "misc.py", "routes.py", "utils.py", "views.py"}
_AVOIDED_WORDS = {
    "Admin", "Alert", "Clerk", "Company", "Customer", "Denial", "Dto", "Ecp", "Eds", "Helper", "Individual",
    "Lookup", "Manager", "Mandate", "Nuc", "Packet", "Poa", "Proxy", "Rulebook", "Ticket", "User", "Util", "Utils",
    "Vendor", "Workflow",
}  # fmt: skip
_AVOIDED_NAMES = {"Ack", "Doc", "File", "Receipt", "Registry", "Request", "Response"}
_TOPIC = re.compile(r"egov\.(?:journal|[a-z-]+\.in)(?:\.dlq)?")
_OUTSIDE = {
    # Split, so that this file does not find itself.
    "material outside the repository": re.compile(r"\.\./" + r"shared\b|(?<![\w.])/work/" + r"(?:main|shared)\b"),
    "a path of one machine": re.compile(r"(?<![\w.])/(?:home/\w+|Users/\w+|root|opt/wheels)/" + r"|/tmp/" + r"v/"),
    "a package index": re.compile(
        r"--(?:extra-)?index-" + r"url|--find-" + r"links|--trusted-" + r"host|pypi\.org/" + r"simple"
        r"|https?://[^\s/]+/(?:[\w.-]+/)*simple" + r"/"
    ),
}  # fmt: skip


def wall_clocks(sources: Iterable[Source]) -> Iterator[str]:
    """Reading real time anywhere but in the stand's clock; tests may not either."""
    for source in _python(sources):
        if source.path == _CLOCK:
            continue
        names = _imported_names(source.tree)
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Attribute | ast.Name) and _qualified(node, names) in _WALL_CLOCKS:
                yield f"{source.at(node)}: time comes from an injected Clock"


def http_clients(sources: Iterable[Source]) -> Iterator[str]:
    """HTTP clients that are made elsewhere: they would go by the proxies of whoever starts the stand."""
    names_of_httpx = ("AsyncClient", "Client", "get", "post", "put", "request", "stream", "delete")
    makers = {f"httpx.{name}" for name in names_of_httpx} | {"urllib.request.urlopen", "http.client.HTTPConnection"}
    for source in sources:
        if not source.is_code or source.path == _CLIENTS:
            continue
        names = _imported_names(source.tree)
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and _qualified(node.func, names) in makers:
                yield f"{source.at(node)}: clients are made by {_CLIENTS}"


def tasks_that_last(sources: Iterable[Source]) -> Iterator[str]:
    """Tasks of the services that could end in silence: what lasts is a ``Background``, begun anew and told."""
    for source in sources:
        if not source.is_code or source.path in {_BACKGROUND, *_SHORT_TASKS} or source.path.startswith(_ORCHESTRATION):
            continue
        names = _imported_names(source.tree)
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Attribute | ast.Name) and _qualified(node, names) in _TASKS:
                yield f"{source.at(node)}: what lasts is a Background ({_BACKGROUND})"


def commits_below_the_edge(sources: Iterable[Source]) -> Iterator[str]:
    """A transaction that ends in ``service`` or ``repository`` instead of at the edge."""
    for source in _python(sources):
        parts = source.path.removesuffix(".py").split("/")
        if parts[0] != "services" or not {"service", "repository"} & set(parts):
            continue
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Attribute) and node.attr == "commit":
                yield f"{source.at(node)}: the edge commits, not the service or the repository"


def over_budget(sources: Iterable[Source]) -> Iterator[str]:
    """Files over the hard limit, and a median over the soft one."""
    files = list(_python(sources))
    yield from (
        f"{file.path}: {file.lines} lines, {HARD_LIMIT} is the limit" for file in files if file.lines > HARD_LIMIT
    )
    code = [file.lines for file in files if file.is_code and file.lines > 1]
    if code and statistics.median(code) > MEDIAN_LIMIT:
        yield f"the median file has {statistics.median(code):g} lines, {MEDIAN_LIMIT} is the limit"


def missing_docstrings(sources: Iterable[Source]) -> Iterator[str]:
    """Modules that do not say what they are."""
    yield from (f"{file.path}: no module docstring" for file in _python(sources) if not ast.get_docstring(file.tree))


def missing_return_types(sources: Iterable[Source]) -> Iterator[str]:
    """Functions of the product that do not say what comes out."""
    for source in sources:
        if source.is_code:
            for node in ast.walk(source.tree):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns is None:
                    yield f"{source.at(node)}: {node.name} has no return type"


def wire_names_spelled_out(sources: Iterable[Source], message_types: Collection[str]) -> Iterator[str]:
    """Topics and message types as text outside of ``shared/messages``, where each stands once."""
    for source in sources:
        if not source.is_code or source.path.startswith("shared/messages/"):
            continue
        for node in ast.walk(source.tree):
            value = node.value if isinstance(node, ast.Constant) else None
            if isinstance(value, str) and (value in message_types or _TOPIC.fullmatch(value)):
                yield f"{source.at(node)}: {value!r} is a name of shared.messages"


def outside_references(sources: Iterable[Source]) -> Iterator[str]:
    """Mentions of things that only exist on the machine where the file was written."""
    for source in sources:
        for number, line in enumerate(source.text.splitlines(), 1):
            yield from (
                f"{source.path}:{number}: names {what}" for what, pattern in _OUTSIDE.items() if pattern.search(line)
            )


def avoided_class_names(sources: Iterable[Source]) -> Iterator[str]:
    """Classes named with a word the glossary avoids."""
    for source in sources:
        if not source.is_code:
            continue
        for node in ast.walk(source.tree):
            if isinstance(node, ast.ClassDef):
                words = set(re.findall(r"[A-Z][a-z]*", node.name))
                for word in sorted(words & _AVOIDED_WORDS | {node.name} & _AVOIDED_NAMES):
                    yield f"{source.at(node)}: {node.name}: the glossary has another word for {word}"


def invented_file_names(sources: Iterable[Source]) -> Iterator[str]:
    """Files of a service outside the common anatomy; each of these words hides what is inside."""
    for source in sources:
        parts = source.path.split("/")
        if parts[0] == "services" and parts[-1] in _SYNONYMS:
            yield f"{source.path}: not in the anatomy of a service"


def sleeping_tests(sources: Iterable[Source]) -> Iterator[str]:
    """Tests that wait for a time. Inside a ``while`` it is a poll and allowed."""
    for source in _python(sources):
        if not source.path.startswith("tests/"):
            continue
        names = _imported_names(source.tree)
        polled = {
            id(inner) for loop in ast.walk(source.tree) if isinstance(loop, ast.While) for inner in ast.walk(loop)
        }
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and _qualified(node.func, names) in {"asyncio.sleep", "time.sleep"}:
                zero = node.args and isinstance(node.args[0], ast.Constant) and node.args[0].value == 0
                if not zero and id(node) not in polled:
                    yield f"{source.at(node)}: poll for a condition instead of sleeping"


def missing_terms(glossary: str, terms: Sequence[str]) -> Iterator[str]:
    """Terms without a row of their own in the glossary's tables."""
    cells = {code for line in glossary.splitlines() if line.startswith("|") for code in re.findall(r"`([^`]+)`", line)}
    yield from (f"{term} is not in the glossary" for term in terms if term not in cells)


def incomplete_rows(glossary: str) -> Iterator[str]:
    """Rows of the glossary with an empty cell: every term has a word in each language and a meaning."""
    for number, line in enumerate(glossary.splitlines(), 1):
        if line.startswith("|") and not all(cell.strip() for cell in line.strip().strip("|").split("|")):
            yield f"line {number}: an empty cell"


def _python(sources: Iterable[Source]) -> Iterator[Source]:
    return (source for source in sources if source.is_python)


def _imported_names(tree: ast.Module) -> dict[str, str]:
    """Local name → what it was imported as."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name] = alias.name
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def _qualified(node: ast.AST, names: dict[str, str]) -> str:
    """The dotted name of an expression with imports resolved; empty when it is not one."""
    if isinstance(node, ast.Name):
        return names.get(node.id, "")
    if isinstance(node, ast.Attribute):
        base = _qualified(node.value, names)
        return f"{base}.{node.attr}" if base else ""
    return ""
