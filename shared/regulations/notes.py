"""The notes of all regulations as one table: where the texts differ or are silent, and the choice made."""

from collections.abc import Iterator, Mapping

from shared.regulations.model import Note, Regulation

_HEAD = (
    "| Regulation | Note | Clause | Topic | What the texts say | Choice |",
    "|---|---|---|---|---|---|",
)
_WITHOUT_WORDS = {
    "kk_vs_ru": "the texts differ",
    "internal": "the text contradicts itself",
    "slip": "slip of the text",
    "silent": "the text is silent",
}
"""What stands for a note that does not say what each language has."""


def notes_table(regulations: Mapping[str, Regulation]) -> str:
    """Markdown, a row for each note in the order of the data; ends with a line feed."""
    return "\n".join((*_HEAD, *_rows(regulations))) + "\n"


def _rows(regulations: Mapping[str, Regulation]) -> Iterator[str]:
    for regulation in regulations.values():
        for note in regulation.notes:
            cells = (f"`{regulation.id}`", f"`{note.code}`", note.clause, note.topic, _said(note), note.choice)
            yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _said(note: Note) -> str:
    said = "; ".join(f"**{language}** {words}" for language, words in note.says.items())
    return said or _WITHOUT_WORDS[note.kind]
