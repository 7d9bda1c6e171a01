"""Diagram 1 in both regulations that have it: the steps of the list, the ends beside it, the verdict on every run."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.regulations.conformance import StepEvent, Verdict, conformance
from shared.regulations.flow import Flow, outcome, paths
from shared.regulations.loader import Regulations, summary
from shared.regulations.model import Channel, Regulation
from tests.unit.regulations.factories import run

QUEUE, DUPLICATE = "almaty-city/preschool-queue", "almaty-city/education-document-duplicate"
STEPS = [
    ("process-1", "operator_sign_in", "csc", "operator"),
    ("process-2", "enter_applicant", "csc", "operator"),
    ("process-3", "query_registries", "csc", None),
    ("condition-1", "check_registry_data", "csc", None),
    ("process-4", "refuse_no_registry_data", "csc", None),
    ("process-5", "complete_request", "csc", "operator"),
    ("process-6", "send_request", "csc", "operator"),
    ("process-7", "register_document", "regional-gateway", None),
    ("condition-2", "check_documents", "provider", "officer"),
    ("process-8", "refuse_service", "provider", "officer"),
    ("process-9", "hand_out_result", "csc", "operator"),
]
ASKED = ("process-1", "process-2", "process-3", "condition-1")
SENT = (*ASKED, "process-5", "process-6", "process-7", "condition-2")
ENDS = {
    (*SENT, "process-9"): "granted",
    (*SENT, "return-uncollected"): "granted",
    (*SENT, "process-8"): "refused",
    (*ASKED, "process-4"): "refused",
    (*ASKED, "refuse-acceptance"): "refused",
    ("process-1", "process-2", "process-3", "refuse-acceptance"): "refused",
    ("process-1", "process-2", "refuse-acceptance"): "refused",
}


LATE = ("out-of-order", "refuse-acceptance")
MISSING = ("missing-step", "condition-1")


def judge(centre: Regulation, path: tuple[str, ...], **passed: bool) -> Verdict:
    """The verdict on a run along ``path``; keywords change what a condition answered."""
    answers = {name.replace("_", "-"): answer for name, answer in passed.items()}
    events = [answered(event, answers) for event in run(centre, "csc", path)]
    return conformance(centre, "csc", events)


def answered(event: StepEvent, answers: dict[str, bool]) -> StepEvent:
    """``event`` with another answer, if there is one for its step."""
    return event.model_copy(update={"passed": answers[event.step]}) if event.step in answers else event


def named(verdict: Verdict) -> list[tuple[str, str | None]]:
    """The deviations as pairs of name and step."""
    return [(d.name, d.step) for d in verdict.deviations]


@pytest.mark.parametrize(
    ("name", "clause", "around"), [(QUEUE, "10", ["11", "2012 standard, 15(2)"]), (DUPLICATE, "13", ["13", "12"])]
)
def test_the_steps_of_the_list(regulations: Regulations, name: str, clause: str, around: list[str]) -> None:
    steps = regulations[name].channel("csc").steps
    listed = [s for s in steps if not s.instead_of]
    assert [(s.id, s.action.value, s.actor.value, s.person) for s in listed] == STEPS
    assert [s.clause for s in listed] == [f"{clause}({n})" for n in range(1, 12)]
    assert [s.clause for s in steps if s.instead_of] == around


def test_conditions_and_ends(centre: Regulation) -> None:
    csc = centre.channel("csc")
    assert {s.id: (s.on_fail, s.next) for s in csc.steps if s.on_fail} == {
        "condition-1": ("process-4", "process-5"),
        "condition-2": ("process-8", "process-9"),
    }
    assert {s.id: (s.terminal, csc.result_of(s.id)) for s in csc.steps if s.terminal} == {
        "process-4": ("refused", "no_data_message"),
        "process-8": ("refused", "refusal"),
        "process-9": ("granted", csc.outcomes["granted"]),
        "refuse-acceptance": ("refused", "acceptance_refusal"),
        "return-uncollected": ("granted", csc.outcomes["granted"]),
    }
    assert csc.result_of("process-5") is csc.result_of("process-99") is None
    assert [s.id for s in csc.steps if s.optional or s.inside] == []


def test_the_summary_has_the_numbered_steps_only(regulations: Regulations) -> None:
    rows = {row["id"]: row["channels"].get("csc") for row in summary(regulations)}
    assert [rows[name] for name in (DUPLICATE, QUEUE)] == [[step for step, *_ in STEPS]] * 2


WORDS = [
    ("process-1", "1 үдеріс – орталық қызметкерінің", "(процесс авторизации) для оказания услуги;"),
    ("process-2", "сенімхат мәліметтері толтырылмайды);", "данные доверенности не заполняются);"),
    ("process-3", "мәліметтері туралы тапсырысты жіберу;", "о данных доверенности представителя услугополучателя;"),
    ("condition-1", "1 шарт – көрсетілетін қызметті алушы мәліметтерінің ЖТ ММБ болуын", "данных доверенности в ЕНИС;"),
    ("process-4", "мәліметтерді алу мүмкін еместігі туралы хабарлама", "о невозможности получения данных, в связи с"),
    ("process-5", "қағаз үлгісіндегі құжаттардың болуы туралы", "отметки о наличии документов в бумажной форме"),
    ("process-6", "ЭҮШ арқылы «электрондық үкіметтің» аймақтық шлюзінің", "через ШЭП в АРМ регионального шлюза"),
    ("process-7", "7 үдеріс – электронды құжатты АЭҮШ АЖО", "процесс 7 – регистрация электронного документа в"),
    ("condition-2", "2 шарт – ЖАО ", "условие 2 – проверка (обработка) услугодателя на соответствие"),
    ("process-8", "бас тарту туралы хабарламаны қалыптастыру;", "в связи с имеющимися нарушениями в документах"),
    ("process-9", "9 үдеріс – көрсетілетін қызметті алушының", "через работника центра результата"),
    ("refuse-acceptance", "өтінішті қабылдаудан бас тартады", "расписку об отказе в приеме документов"),
    ("return-uncollected", "бір ай", "в течение одного месяца"),
]  # fmt: skip


@pytest.mark.parametrize(("step", "kk", "ru"), WORDS)
def test_the_steps_carry_the_words_of_the_law(centre: Regulation, step: str, kk: str, ru: str) -> None:
    found = centre.channel("csc").step(step)
    assert found is not None
    assert (kk in found.text.kk, ru in found.text.ru) == (True, True)
    assert not {"\u00a0", "  "} & {found.text.ru, found.text.kk}


def test_the_texts_of_process_9_differ(queue: Regulation, duplicate: Regulation) -> None:
    ends = [r.channel("csc").step("process-9") for r in (queue, duplicate)]
    assert [end.text.ru.endswith("(справки).") for end in ends if end] == [True, False]


def test_every_way_through_conforms(centre: Regulation) -> None:
    csc = centre.channel("csc")
    assert {path: outcome(csc, path) for path in paths(csc)} == ENDS
    for path, end in ENDS.items():
        verdict = judge(centre, path)
        assert (verdict.verdict, verdict.outcome, verdict.deviations) == ("conformant", end, ())


def test_the_ends_beside_the_list_are_due_with_a_step_of_it(queue: Regulation) -> None:
    flow = Flow(queue.channel("csc"))
    assert [s.id for s in flow.ready(flow.following("process-2"))] == ["process-3", "refuse-acceptance"]
    assert [s.id for s in flow.ready(flow.following("condition-2", True))] == ["process-9", "return-uncollected"]
    assert [s.id for s in flow.ready(flow.following("condition-2", False))] == ["process-8"]
    assert flow.following("process-8") is flow.following("refuse-acceptance") is None


@pytest.mark.parametrize(
    ("path", "passed", "deviations"),
    [
        (("process-1", "refuse-acceptance"), {}, [("missing-step", "process-2")]),
        ((*ASKED, "refuse-acceptance"), {"condition_1": False}, [("condition-not-followed", "refuse-acceptance")]),
        ((*ASKED, "process-5", "refuse-acceptance"), {}, [LATE, ("no-terminal", None)]),
        ((*ASKED, "refuse-acceptance", "process-5"), {}, [("step-after-terminal", "process-5")]),
        ((*ASKED, "process-4"), {"condition_1": True}, [("condition-not-followed", "process-4")]),
        ((*SENT, "return-uncollected"), {"condition_2": False}, [("condition-not-followed", "return-uncollected")]),
        ((*SENT, "process-8", "return-uncollected"), {}, [("step-after-terminal", "return-uncollected")]),
        ((*SENT, "return-uncollected", "process-9"), {}, [("step-after-terminal", "process-9")]),
        ((*SENT[:-1], "return-uncollected"), {}, [("missing-step", "condition-2")]),
        ((*ASKED[:-1], "process-5", "refuse-acceptance"), {}, [MISSING, LATE, ("no-terminal", None)]),
    ],
)  # fmt: skip
def test_the_ends_beside_the_list_have_their_place(
    centre: Regulation, path: tuple[str, ...], passed: dict[str, bool], deviations: list[tuple[str, str | None]]
) -> None:
    verdict = judge(centre, path, **passed)
    assert (verdict.verdict, named(verdict)) == ("deviating", deviations)


def test_a_condition_without_an_answer_leaves_its_ends_due(centre: Regulation) -> None:
    events = run(centre, "csc", (*SENT, "return-uncollected"))
    silent: list[Any] = [e.model_copy(update={"passed": None}) if e.step == "condition-2" else e for e in events]
    assert named(conformance(centre, "csc", silent)) == [("condition-not-followed", "condition-2")]


@given(data=st.data())
def test_no_other_order_and_no_part_conforms(queue: Regulation, data: st.DataObject) -> None:
    csc: Channel = queue.channel("csc")
    events = run(queue, "csc", data.draw(st.sampled_from(paths(csc))))
    mixed = data.draw(st.permutations(events))
    kept = [e.model_copy(update={"time": events[0].time}) for e in mixed if data.draw(st.booleans())]
    taken = tuple(e.step for e in kept)
    assert (conformance(queue, "csc", kept).verdict == "conformant") == (taken in ENDS)
