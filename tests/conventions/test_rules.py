"""Each convention finds the violation planted for it, and only that."""

import pytest

from tests.conventions import rules
from tests.conventions.sources import Source, project_files


def code(text: str, path: str = "services/portal/service.py") -> list[Source]:
    """One source file with a docstring, unless ``text`` is about that."""
    return [Source(path, text)]


class TestWallClocks:
    @pytest.mark.parametrize(
        "text",
        [
            "from datetime import datetime\nx = datetime.now()",
            "from datetime import datetime as D\nx = D.utcnow",
            "import datetime\nx = datetime.datetime.today()",
            "import datetime as dt\nx = dt.date.today()",
            "def f():\n    from time import time\n    return time()",
            "import time\nfield(default_factory=time.time)",
            "import time as t\nt.time_ns()",
        ],
    )
    def test_found(self, text: str) -> None:
        assert len(list(rules.wall_clocks(code(text)))) == 1

    @pytest.mark.parametrize(
        "text",
        [
            "x = clock.now()",
            "import time\ntime.perf_counter()",
            "from datetime import datetime\ndatetime.fromtimestamp(1, UTC)",
            "time = 1\nx = time",
        ],
    )
    def test_not_found(self, text: str) -> None:
        assert not list(rules.wall_clocks(code(text)))

    def test_the_clock_itself_may(self) -> None:
        text = "from datetime import datetime\ndatetime.now()"
        assert not list(rules.wall_clocks(code(text, "shared/kit/clock.py")))
        assert list(rules.wall_clocks(code(text, "tests/unit/kit/test_clock.py")))


class TestHTTPClients:
    @pytest.mark.parametrize(
        "text",
        [
            "import httpx\nhttpx.AsyncClient(timeout=5)",
            "import httpx as h\nwith h.Client():\n    pass",
            "from httpx import get\nget('http://127.0.0.1')",
            "from urllib.request import urlopen\nurlopen('http://127.0.0.1')",
        ],
    )
    def test_found(self, text: str) -> None:
        assert len(list(rules.http_clients(code(text)))) == 1

    @pytest.mark.parametrize("path", ["shared/messaging/http.py", "tests/unit/web/test_app.py"])
    def test_their_maker_and_tests_may(self, path: str) -> None:
        assert not list(rules.http_clients(code("import httpx\nhttpx.AsyncClient()", path)))

    def test_a_type_is_no_client(self) -> None:
        assert not list(rules.http_clients(code("import httpx\ndef f(http: httpx.AsyncClient) -> None: ...")))


class TestTasksThatLast:
    @pytest.mark.parametrize(
        "text",
        [
            "import asyncio\nasyncio.create_task(run())",
            "from asyncio import create_task as task\ntask(run())",
            "import asyncio\nstart = asyncio.ensure_future",
        ],
    )
    def test_found(self, text: str) -> None:
        assert len(list(rules.tasks_that_last(code(text)))) == 1

    @pytest.mark.parametrize(
        "path", ["shared/kit/background.py", "shared/web/sse.py", "services/stand/embedded.py", "tests/unit/x.py"]
    )
    def test_who_may(self, path: str) -> None:
        assert not list(rules.tasks_that_last(code("import asyncio\nasyncio.create_task(run())", path)))

    def test_nobody_is_named_who_begins_none(self) -> None:
        begin = {file.path for file in project_files() if "create_task" in file.text or "ensure_future" in file.text}
        assert set(rules._SHORT_TASKS) <= begin


class TestCommits:
    @pytest.mark.parametrize("path", ["services/portal/repository.py", "services/pki/service/registration.py"])
    def test_found(self, path: str) -> None:
        text = "async def f(session):\n    await session.commit()"
        assert list(rules.commits_below_the_edge(code(text, path))) == [
            f"{path}:2: the edge commits, not the service or the repository"
        ]

    def test_the_edge_may(self) -> None:
        assert not list(rules.commits_below_the_edge(code("s.commit()", "shared/db/engine.py")))


class TestBudget:
    def test_a_long_file(self) -> None:
        assert not list(rules.over_budget(code("x = 1\n" * 400, "tests/unit/test_x.py")))
        assert len(list(rules.over_budget(code("x = 1\n" * 401, "tests/unit/test_x.py")))) == 1

    def test_a_heavy_middle(self) -> None:
        files = [Source(f"shared/kit/{size}.py", "x = 1\n" * size) for size in (10, 121, 130)]
        assert list(rules.over_budget(files)) == ["the median file has 121 lines, 120 is the limit"]
        assert not list(rules.over_budget([*files, Source("shared/kit/a.py", "x = 1\n" * 20)]))


class TestDocstringsAndTypes:
    def test_no_docstring(self) -> None:
        assert list(rules.missing_docstrings(code("x = 1"))) == ["services/portal/service.py: no module docstring"]
        assert not list(rules.missing_docstrings(code('"""What it is."""')))

    def test_no_return_type(self) -> None:
        text = "class A:\n    def f(self):\n        pass\n    async def g(self) -> None:\n        pass"
        assert list(rules.missing_return_types(code(text))) == ["services/portal/service.py:2: f has no return type"]
        assert not list(rules.missing_return_types(code(text, "tests/x.py")))


class TestWireNames:
    @pytest.mark.parametrize(
        "name", ["egov.portal.in", "egov.journal", "egov.regional-gateway.in.dlq", "decision.made"]
    )
    def test_found(self, name: str) -> None:
        assert len(list(rules.wire_names_spelled_out(code(f'x = "{name}"'), {"decision.made"}))) == 1
        assert not list(
            rules.wire_names_spelled_out(code(f'x = "{name}"', "shared/messages/topics.py"), {"decision.made"})
        )

    @pytest.mark.parametrize("text", ['"""See egov.portal.in."""', 'x = "egov.kz"', 'x = "a decision.made b"'])
    def test_not_found(self, text: str) -> None:
        assert not list(rules.wire_names_spelled_out(code(text), {"decision.made"}))


class TestOutside:
    @pytest.mark.parametrize(
        "line",
        [
            "see ../" + "shared/design.md",
            "cd /work/" + "main",
            "/home/" + "someone/x",
            "PATH=/Users/" + "someone/bin",
            "/opt/" + "wheels/a.whl",
            "--index-" + "url https://x",
            "--find-" + "links /x",
            "https://mirror.example/api/pypi/" + "simple/",
        ],
    )
    def test_found(self, line: str) -> None:
        assert len(list(rules.outside_references([Source("README.md", f"one\n{line}")]))) == 1

    @pytest.mark.parametrize("line", ["from shared.web import app", "a/../b", "/homework/x", "/v1/work/main-office"])
    def test_not_found(self, line: str) -> None:
        assert not list(rules.outside_references([Source("README.md", line)]))


class TestNames:
    @pytest.mark.parametrize("name", ["UserRead", "Request", "PoaRow", "RegistryLookup", "Receipt", "WorkflowStep"])
    def test_avoided(self, name: str) -> None:
        assert len(list(rules.avoided_class_names(code(f"class {name}: pass")))) == 1

    @pytest.mark.parametrize("name", ["PortalService", "DeliveryReceipt", "RegistryRequest", "PowerOfAttorney"])
    def test_right(self, name: str) -> None:
        assert not list(rules.avoided_class_names(code(f"class {name}: pass")))

    def test_invented_file(self) -> None:
        assert list(rules.invented_file_names(code("", "services/portal/utils.py")))
        assert not list(rules.invented_file_names(code("", "shared/messaging/handlers.py")))


class TestSleep:
    @pytest.mark.parametrize(
        "text",
        [
            "import asyncio\nasync def test():\n    await asyncio.sleep(1)",
            "from time import sleep\nfor _ in x:\n    sleep(0.1)",
        ],
    )
    def test_found(self, text: str) -> None:
        assert len(list(rules.sleeping_tests(code(text, "tests/unit/test_x.py")))) == 1

    @pytest.mark.parametrize(
        "text", ["import asyncio\nasyncio.sleep(0)", "import time\nwhile not ready():\n    time.sleep(0.01)"]
    )
    def test_polling_may(self, text: str) -> None:
        assert not list(rules.sleeping_tests(code(text, "tests/unit/test_x.py")))


class TestGlossary:
    TABLE = "| Word | In code |\n|---|---|\n| заявление | `Application`, `application.submitted` |\n"

    def test_missing_term(self) -> None:
        assert list(rules.missing_terms(self.TABLE, ["Application", "application.submitted"])) == []
        assert list(rules.missing_terms(self.TABLE + "`Notice`", ["Notice"])) == ["Notice is not in the glossary"]

    def test_empty_cell(self) -> None:
        assert not list(rules.incomplete_rows(self.TABLE))
        assert list(rules.incomplete_rows(self.TABLE + "| справка |  |")) == ["line 4: an empty cell"]


def test_files_are_those_git_has_or_would_take() -> None:
    paths = {source.path for source in project_files()}
    assert {"tests/conventions/test_rules.py", "shared/kit/clock.py", "LICENSE"} <= paths
    assert not [path for path in paths if "__pycache__" in path or path.startswith((".git/", ".venv/", "var/"))]
