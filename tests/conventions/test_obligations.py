"""docs/obligations.md names what there is: 58 obligations, the files that honour them, the tests that show it."""

import pytest

from tests.conventions.obligations import NUMBER, findings, table
from tests.conventions.sources import ROOT

DOCUMENT = (ROOT / "docs" / "obligations.md").read_text(encoding="utf-8")
SHOWN = "`tests/conventions/test_obligations.py::test_the_table_is_true`"


def made(*changed: str, rows: int = NUMBER) -> str:
    """A table that is right but for the rows ``changed`` puts in place of the first ones."""
    right = [f"| {n} | duty | act 1 | `README.md`, `docs/obligations.md` | {SHOWN} |" for n in range(1, rows + 1)]
    heading = ["| No | Obligation | Source | Honoured in | Test |", "|---|---|---|---|---|"]
    return "\n".join([*heading, *changed, *right[len(changed) :]])


def test_the_table_is_true() -> None:
    found = list(findings(DOCUMENT, ROOT))
    assert not found, "\n".join(found)
    assert len(table(DOCUMENT)) == NUMBER


def test_a_right_table_has_nothing_against_it() -> None:
    assert list(findings(made(), ROOT)) == []


@pytest.mark.parametrize(
    ("row", "finding"),
    [
        (f"| 2 | duty | act 1 | `docs/obligations.md` | {SHOWN} |", "the rows are not 1 to 58"),
        (f"| 1 |  | act 1 | `docs/obligations.md` | {SHOWN} |", "row 1: Obligation is empty"),
        (f"| 1 | duty | act 1 | {SHOWN} |", "row 1 has 4 cells"),
        (f"| 1 | duty | act 1 | `docs/no-such-file.md` | {SHOWN} |", "docs/no-such-file.md does not exist"),
        (f"| 1 | duty | act 1 | `GET /services` | {SHOWN} |", "row 1: no file honours it"),
        ("| 1 | duty | act 1 | `docs/obligations.md` | by hand |", "row 1: no test shows it"),
        (f"| 1 | duty | act 1 | `docs/obligations.md` | {SHOWN[:-1]}_x` |", "test_the_table_is_true_x does not exist"),
        (f"| 1 | duty | act 1 | `docs/obligations.md` | {SHOWN.replace('::', '::TestNone::')} |", "does not exist"),
        (f"| 1 | duty | act 1 | `docs/obligations.md` | {SHOWN.replace('test_the_table_is_true', 'made')} |", "::made"),
        (f"| 1 | duty | act 1 | `docs/obligations.md` | {SHOWN}, `tests/conftest.py` |", "a test is path::name"),
    ],
)
def test_what_is_wrong_is_found(row: str, finding: str) -> None:
    found = list(findings(made(row), ROOT))
    assert any(finding in line for line in found), found


def test_a_missing_row_is_found() -> None:
    assert next(findings(made(rows=NUMBER - 1), ROOT)).startswith("the rows are not 1 to 58")
