"""Loading: every planted fault is reported with file and path, all of them at once, and nothing else."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from shared.kit.errors import NotFound
from shared.regulations.errors import ChannelNotOffered, RegulationError, RegulationFault
from shared.regulations.loader import DATA, Regulations, load_regulations, summary
from shared.regulations.reading import read
from tests.unit.regulations import planted, planted_intake, planted_procedure
from tests.unit.regulations.factories import centre_regulation, small_regulation, text
from tests.unit.regulations.planted import Change, steps

Faults = Callable[[dict[str, Any]], list[str]]
FILE = "city/service.yaml"
PLANTED = [*planted.PLANTED, *planted_intake.PLANTED, *planted_procedure.PLANTED]


def test_the_small_regulations_of_these_tests_are_right(faults: Faults) -> None:
    assert faults(small_regulation()) == faults(centre_regulation()) == []


@pytest.mark.parametrize(("change", "fault"), [pytest.param(c, f, id=n) for n, c, f in PLANTED])
def test_a_planted_fault_is_named_with_file_and_path(
    small: dict[str, Any], faults: Faults, change: Change, fault: str
) -> None:
    change(small)
    assert f"{FILE}: {fault}" in faults(small)


def test_all_faults_of_all_files_come_at_once(tmp_path: Path) -> None:
    expected = []
    for n, (_, change, fault) in enumerate(PLANTED):
        raw = small_regulation()
        raw["id"] = f"city/service-{n}"
        change(raw)
        (tmp_path / "city").mkdir(exist_ok=True)
        (tmp_path / "city" / f"service-{n}.yaml").write_text(yaml.safe_dump(raw), encoding="utf-8")
        expected.append(f"city/service-{n}.yaml: {fault.replace('city/service', f'city/service-{n}')}")
    with pytest.raises(RegulationError) as caught:
        load_regulations(tmp_path)
    told = {str(fault) for fault in caught.value.faults}
    assert [fault for fault in expected if fault not in told] == []
    assert all(fault in str(caught.value) for fault in expected)


def test_a_schema_fault_does_not_hide_a_flow_fault(small: dict[str, Any], faults: Faults) -> None:
    steps(small)[0]["action"] = "dance"
    steps(small)[1]["on_fail"] = "process-9"
    del steps(small)[3]["text"]["ru"]
    small["grounds"][0]["check"]["document"] = "passport"
    assert {line.split(": ", 1)[1] for line in faults(small)} >= {
        "channels.portal.steps[0].action: unknown action 'dance'",
        "channels.portal.steps[1].on_fail: no step has the id 'process-9'",
        "channels.portal.steps[3].text.ru: the ru text is missing",
        "grounds[0].check.document: channel 'portal' has no document 'passport'",
    }


def test_faults_come_in_reading_order() -> None:
    paths = ["steps[10]", "steps[9]", "id", "steps[9].text"]
    faults = RegulationError(RegulationFault("a.yaml", path, "wrong") for path in paths).faults
    assert [fault.path for fault in faults] == ["id", "steps[9]", "steps[9].text", "steps[10]"]


def test_a_step_inside_another_is_walked_but_not_counted(tmp_path: Path, small: dict[str, Any]) -> None:
    steps(small)[2]["inside"] = "condition-1"
    (tmp_path / "city").mkdir()
    (tmp_path / "city" / "service.yaml").write_text(yaml.safe_dump(small), encoding="utf-8")
    found = load_regulations(tmp_path)
    assert summary(found)[0]["channels"] == {"portal": ["process-1", "condition-1", "process-3"]}
    assert len(found["city/service"].channels["portal"].steps) == 4


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("id: [", "not readable as YAML"),
        ("- a\n- b\n", "the file holds no mapping"),
        ("", "the file holds no mapping"),
        ("id: a/b\nid: a/b\n", "line 2: not readable as YAML: key 'id' twice"),
        ("source: {adopted_on: 2014-13-45}", "not readable as YAML"),
        ("id: !!python/object:os.system x", "not readable as YAML"),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, content: str, fault: str) -> None:
    (tmp_path / "city").mkdir()
    (tmp_path / "city" / "service.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(RegulationError) as caught:
        load_regulations(tmp_path)
    assert fault in str(caught.value)
    assert len(caught.value.faults) == 1


@pytest.mark.parametrize("place", ["service.yaml", "a/b/service.yaml", "city/service.yml"])
def test_a_file_in_the_wrong_place(tmp_path: Path, place: str, small: dict[str, Any]) -> None:
    (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / place).write_text(yaml.safe_dump(small), encoding="utf-8")
    with pytest.raises(RegulationError, match=r"a regulation file is named <issuer>/<service>\.yaml"):
        load_regulations(tmp_path)


def test_a_directory_without_regulations(tmp_path: Path) -> None:
    with pytest.raises(RegulationError, match="there is no regulation file here"):
        load_regulations(tmp_path / "nowhere")


def test_values_keep_the_type_they_are_written_with(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("a: 18:30\nb: on\nc: 010\nd: 1.5\ne: 7\nf: null\ng: true\n", encoding="utf-8")
    raw, unreadable = read(file, "a.yaml")
    assert raw == {"a": "18:30", "b": "on", "c": "010", "d": "1.5", "e": 7, "f": None, "g": True}
    assert unreadable == []


def test_regulations_are_a_mapping_in_the_order_of_their_ids(tmp_path: Path) -> None:
    for name in ("b/two", "a/one", "b/one"):
        file = tmp_path / f"{name}.yaml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(yaml.safe_dump(small_regulation() | {"id": name}), encoding="utf-8")
    assert list(load_regulations(tmp_path)) == ["a/one", "b/one", "b/two"]


def test_what_is_offered_through_a_channel(regulations: Regulations) -> None:
    assert "almaty-city/preschool-queue" in [r.id for r in regulations.offered("portal")]
    assert "almaty-city/education-document-duplicate" not in [r.id for r in regulations.offered("portal")]
    regulation, channel = regulations.find("almaty-city/preschool-queue", "portal")
    assert channel is regulation.channels["portal"]


def test_an_unknown_regulation_is_not_found(regulations: Regulations) -> None:
    with pytest.raises(NotFound):
        regulations.find("city/none", "portal")


@pytest.mark.parametrize("channel", ["mobile", "elsewhere"])
def test_a_channel_the_text_does_not_give_is_refused_with_its_clause(regulations: Regulations, channel: str) -> None:
    with pytest.raises(ChannelNotOffered) as refused:
        regulations.find("almaty-city/preschool-queue", channel)
    assert {"channel": "csc", "clause": "1(2)"} in refused.value.members["channels"]
    assert "1(2), 1(3)" in refused.value.members["clause"]
    assert (refused.value.code, refused.value.status_code) == ("channel-not-offered", 409)


@pytest.mark.parametrize("channel", ["csc", "portal", "mobile"])
def test_where_the_text_excludes_a_channel_itself_that_is_cited(regulations: Regulations, channel: str) -> None:
    with pytest.raises(ChannelNotOffered) as refused:
        regulations.find("karaganda/rehabilitation", channel)
    assert refused.value.members["clause"] == "10"
    assert ("State Corporation" in refused.value.members["excluded"]["en"]) is (channel == "csc")
    assert refused.value.members["channels"] == [{"channel": "office", "clause": "1"}]


def test_a_channel_nobody_speaks_of_is_refused_with_those_there_are(regulations: Regulations) -> None:
    with pytest.raises(ChannelNotOffered) as refused:
        regulations.find("karaganda/rehabilitation", "akim")
    assert (refused.value.members["clause"], refused.value.members["excluded"]) == ("1", None)


def test_a_channel_without_steps_is_not_offered(faults: Faults, small: dict[str, Any], tmp_path: Path) -> None:
    small["channels"]["office"] = {"title": text("office"), "clause": "1(1)"}
    assert faults(small) == []
    with pytest.raises(ChannelNotOffered):
        load_regulations(tmp_path).find("city/service", "office")


def faults_of(directory: Path) -> tuple[RegulationFault, ...]:
    """The faults of a directory; any other exception than ``RegulationError`` comes through."""
    try:
        load_regulations(directory)
    except RegulationError as error:
        return error.faults
    return ()


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value inside ``value``."""
    inside = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    return [path] * bool(path) + [found for key, item in inside for found in places(item, (*path, key))]


@given(
    place=st.sampled_from(places(small_regulation())),
    value=st.sampled_from([None, 0, True, "", "x", "/x", [], [[]], [None], [{}], {}, {"x": []}, {"name": []}]),
)
def test_nonsense_anywhere_never_breaks_the_loader(
    tmp_path_factory: pytest.TempPathFactory, place: tuple[Any, ...], value: Any
) -> None:
    raw: Any = small_regulation()
    at = raw
    for key in place[:-1]:
        at = at[key]
    at[place[-1]] = value
    directory = tmp_path_factory.mktemp("data")
    (directory / "city").mkdir()
    (directory / "city" / "service.yaml").write_text(yaml.safe_dump(raw), encoding="utf-8")
    assert all(fault.file == FILE and fault.message for fault in faults_of(directory))


def test_the_projects_own_files_are_right() -> None:
    assert len(load_regulations(DATA)) == len(list(DATA.rglob("*.yaml")))
