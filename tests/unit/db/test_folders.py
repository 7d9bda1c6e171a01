"""Where an SQLite database lies may be called anything; where it cannot lie is said at once."""

from pathlib import Path

import pytest
from sqlalchemy import MetaData, text

from shared.db.engine import Database, sqlite_url
from shared.db.faults import DiskFails
from shared.kit.errors import InvalidInput


@pytest.mark.parametrize("name", ["a%41b", "a?x=1", "a#b", "a b", "Әліпби", "it's", 'a"b', "a&b;c", "x" * 200, "%"])
async def test_a_folder_may_be_called_anything(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    database = Database(sqlite_url(folder, "portal"), MetaData())
    async with database.session() as session:
        await session.execute(text("SELECT 1"))
    await database.close()
    assert [path.name for path in folder.iterdir() if path.suffix == ".sqlite"] == ["portal.sqlite"]
    assert list(tmp_path.iterdir()) == [folder]


async def test_a_file_that_cannot_be_opened_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "portal.sqlite").mkdir()
    database = Database(sqlite_url(tmp_path, "portal"), MetaData())
    with pytest.raises(DiskFails, match="SQLITE_CANTOPEN"):
        await database.open(patience_s=600)
    await database.close()


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://user:secret@host/x", "sqlite", "://", "oracle+x:///y"])
def test_a_url_of_another_kind_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(InvalidInput, match="neither sqlite") as refused:
        Database(url, MetaData())
    assert "secret" not in str(refused.value)
