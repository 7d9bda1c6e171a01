"""What is kept on a disk survives a cut at any byte and a disk that takes only a part."""

import errno
import json
import os
from pathlib import Path

import pytest

from shared.kit import durable
from shared.kit.durable import BrokenFile, JSONLines, StorageFails, lack_of_room, replace_file, storage_fault

ENTRIES = [{"issued": {"n": 1, "name": "Ә"}}, {"revocation": {"of": {"n": 1}}}, {"issued": {"n": 2}}]


def as_lines(entries: list[dict[str, object]]) -> list[bytes]:
    return [json.dumps(entry, ensure_ascii=False).encode() for entry in entries]


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A disk with room for as many bytes as its only item says; afterwards writes fail."""
    room, write = [0], os.write

    def limited(descriptor: int, content: memoryview) -> int:
        if room[0] == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        taken = write(descriptor, content[: room[0]])
        room[0] -= taken
        return taken

    monkeypatch.setattr(durable.os, "write", limited)
    return room


class TestJSONLines:
    def test_a_cut_at_any_byte_costs_no_whole_line_and_the_next_one_is_read_back(self, tmp_path: Path) -> None:
        lines = as_lines(ENTRIES)
        whole = b"".join(line + b"\n" for line in lines)
        for cut in range(len(whole) + 1):
            path = tmp_path / "x.jsonl"
            path.write_bytes(whole[:cut])
            file = JSONLines(path)
            complete = whole[:cut].count(b"\n")
            assert file.read() == ENTRIES[:complete]
            file.append(b'{"new": 1}')
            assert JSONLines(path).read() == [*ENTRIES[:complete], {"new": 1}]

    def test_a_line_after_one_that_an_older_version_tore_is_found(self, tmp_path: Path) -> None:
        first, second, third = as_lines(ENTRIES)
        for cut in range(1, len(second)):
            (tmp_path / "x").write_bytes(first + b"\n" + second[:cut] + third + b"\n" + first + b"\n")
            assert JSONLines(tmp_path / "x").read() == [ENTRIES[0], ENTRIES[2], ENTRIES[0]]

    @pytest.mark.parametrize("rubbish", [b"\0" * 40, b"rubbish", b"[1]", b'{"half": '])
    def test_rubbish_at_the_end_is_cut_off_and_in_the_middle_named(self, tmp_path: Path, rubbish: bytes) -> None:
        path, line = tmp_path / "x", as_lines(ENTRIES)[0] + b"\n"
        for end in (b"", b"\n"):
            path.write_bytes(line + rubbish + end)
            assert JSONLines(path).read() == ENTRIES[:1]
            assert path.read_bytes() == line
        path.write_bytes(line + rubbish + b"\n" + line)
        with pytest.raises(BrokenFile, match="line 2"):
            JSONLines(path).read()

    def test_what_a_full_disk_tore_is_cut_off_at_once(self, tmp_path: Path, full_disk: list[int]) -> None:
        file, lines = JSONLines(tmp_path / "x"), as_lines(ENTRIES)
        assert file.read() == []
        full_disk[0] = len(lines[0]) + 1 + 7
        file.append(lines[0])
        with pytest.raises(StorageFails, match="No space left"):
            file.append(lines[1])
        assert file.fault is not None
        assert file.path.read_bytes() == lines[0] + b"\n"
        full_disk[0] = 1000
        file.append(lines[2])
        assert file.fault is None
        assert JSONLines(file.path).read() == [ENTRIES[0], ENTRIES[2]]


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x"
    replace_file(path, b"old")
    assert path.stat().st_mode & 0o777 == 0o600

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(durable.os, "fsync", full)
    with pytest.raises(OSError, match="full"):
        replace_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_disk_without_room_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert lack_of_room(tmp_path) is None
    assert lack_of_room(tmp_path / "absent") is not None
    monkeypatch.setattr(durable, "ROOM_NEEDED", 1 << 60)
    assert "full" in str(lack_of_room(tmp_path))


def test_faults_of_the_disk_are_told_from_others() -> None:
    assert storage_fault(OSError(errno.ENOSPC, "No space left on device")) == "No space left on device"
    assert storage_fault(OSError(errno.ECONNRESET, "reset")) is None
