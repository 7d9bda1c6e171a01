"""The people of the stand as both registries need them: numbers, names and children, from the files of the demo
world."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from shared.kit.files import read_yaml
from shared.kit.iin import is_valid
from shared.messages.extracts import PersonName, PersonNames


class _Spellings(BaseModel):
    kk: PersonName
    ru: PersonName
    en: PersonName | None = None

    def names(self) -> PersonNames:
        return PersonNames(kk=self.kk, ru=self.ru, latin=self.en)


class Child(BaseModel):
    """Somebody of the stand."""

    model_config = ConfigDict(frozen=True)

    iin: str
    names: _Spellings


class StandPerson(Child):
    """Somebody of the stand with children. What the certificate is like matters to the authority only."""

    children: tuple[Child, ...] = ()


def load_people(path: Path) -> list[StandPerson]:
    """The people of ``people.yaml``. Raises ``ValueError`` (pydantic's included) for a file that does not hold
    together."""
    return [StandPerson.model_validate(entry) for entry in read_yaml(path)["people"]]


def names_by_iin(people_file: Path, families_file: Path) -> dict[str, PersonNames]:
    """Names of everybody in the two files. Raises ``ValueError`` for an IIN that is not well formed or stands twice."""
    people = load_people(people_file)
    entries = [entry for parent in people for entry in (parent, *parent.children)]
    entries += [Child.model_validate(entry) for entry in read_yaml(families_file)["people"]]
    found = {entry.iin: entry.names.names() for entry in entries}
    wrong = [iin for iin in found if not is_valid(iin)]
    if wrong or len(found) != len(entries):
        raise ValueError(f"numbers that stand twice or are not well formed: {wrong or len(entries) - len(found)}")
    return found
