"""What can be wrong with the steps of a channel. Works on the raw data, so a fault elsewhere does not hide one here."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from shared.regulations.actions import CONDITIONS, OWNERS, Action

Raw = dict[str, Any]
Found = tuple[str, str]
"""Path inside the file, message."""


def mapping(value: Any) -> Raw:
    """``value`` if it is a mapping, else an empty one: a wrong type is the schema's fault to report."""
    return value if isinstance(value, dict) else {}


def parts(value: Any) -> list[tuple[int, Raw]]:
    """The mappings in a list with their positions."""
    return [(n, item) for n, item in enumerate(value) if isinstance(item, dict)] if isinstance(value, list) else []


def words(value: Any) -> list[str]:
    """The texts in a list."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def names(value: Any, key: str) -> set[str]:
    """The texts under ``key`` of the mappings in a list."""
    return {item[key] for _, item in parts(value) if isinstance(item.get(key), str)}


def repeated(value: Any, path: str, key: str) -> Iterator[Found]:
    """Every item of a list whose ``key`` stood there before."""
    seen: Counter[Any] = Counter()
    for n, item in parts(value):
        name = item.get(key)
        if isinstance(name, str | int):
            seen[name] += 1
            if seen[name] > 1:
                yield f"{path}[{n}].{key}", f"{key} {name!r} is given twice"


def _action(step: Raw) -> Action | None:
    name = step.get("action")
    return Action(name) if isinstance(name, str) and name in set(Action) else None


def _passing(steps: list[tuple[int, Raw]], place: int) -> str | None:
    """Where the flow goes on from a step that is not terminal and, if a condition, has passed."""
    target = steps[place][1].get("next")
    if isinstance(target, str):
        return target
    after = steps[place + 1][1].get("id") if place + 1 < len(steps) else None
    return after if isinstance(after, str) else None


def flow_faults(channel: Raw, path: str) -> Iterator[Found]:
    """Every fault of the channel's steps: ids, actions, owners, targets, conditions, terminals, reach and loops."""
    steps = parts(channel.get("steps"))
    ids = names(channel.get("steps"), "id")
    yield from repeated(channel.get("steps"), f"{path}.steps", "id")
    listed = [(n, step) for n, step in steps if not step.get("instead_of")]
    for n, step in steps:
        yield from _step_faults(step, f"{path}.steps[{n}]", ids)
        if step.get("instead_of"):
            yield from _end_faults(step, f"{path}.steps[{n}]", names([step for _, step in listed], "id"))
    for place, (n, step) in enumerate(listed):
        at = f"{path}.steps[{n}]"
        if step.get("terminal") is None and _passing(listed, place) is None:
            yield at, "the last step is not terminal and names no next step"
        if step.get("on_fail") is not None and _passing(listed, place) == step["on_fail"]:
            yield at, f"passing and failing both lead to {step['on_fail']!r}; name the next step"
    if steps:
        yield from _shape_faults(listed, path)
    yield from _outcome_faults(channel, steps, path)


def _end_faults(step: Raw, at: str, listed: set[str]) -> Iterator[Found]:
    """What can be wrong with an end outside the list."""
    for target in words(step["instead_of"]):
        if target not in listed:
            yield f"{at}.instead_of", f"the list has no step {target!r}"
    if step.get("terminal") is None:
        yield at, "a step instead of others ends the run"
    if step.get("optional") is True:
        yield f"{at}.optional", "a step instead of others is never due by itself"


def _step_faults(step: Raw, at: str, ids: set[str]) -> Iterator[Found]:
    for key in ("on_fail", "next", "inside"):
        target = step.get(key)
        if isinstance(target, str) and target not in ids:
            yield f"{at}.{key}", f"no step has the id {target!r}"
    if step.get("gives") is not None and step.get("terminal") is None:
        yield f"{at}.gives", "only the end of a run gives something"
    action = _action(step)
    if action is None:
        return
    actor = step.get("actor")
    if isinstance(actor, str) and actor != OWNERS[action]:
        yield f"{at}.actor", f"action {action.value!r} is owned by {OWNERS[action].value!r}, not by {actor!r}"
    if action in CONDITIONS and step.get("on_fail") is None:
        yield at, f"condition {action.value!r} names no on_fail"
    if action not in CONDITIONS and step.get("on_fail") is not None:
        yield f"{at}.on_fail", f"action {action.value!r} is not a condition and cannot fail"
    if action in CONDITIONS and step.get("optional") is True:
        yield f"{at}.optional", "a condition cannot be optional"
    if step.get("terminal") is not None and (step.get("next") is not None or step.get("on_fail") is not None):
        yield f"{at}.terminal", "a terminal step leads nowhere"


def _shape_faults(steps: list[tuple[int, Raw]], path: str) -> Iterator[Found]:
    """No terminal at all, unreachable steps, loops."""
    if all(step.get("terminal") is None for _, step in steps):
        yield f"{path}.steps", "no step is terminal"
    reached, loops = _walk(_targets(steps))
    for n, step in steps:
        name = step.get("id")
        if isinstance(name, str) and name not in reached:
            yield f"{path}.steps[{n}]", f"step {name!r} cannot be reached"
        if isinstance(name, str) and name in loops:
            yield f"{path}.steps[{n}]", f"the flow runs back to step {name!r}"


def _targets(steps: list[tuple[int, Raw]]) -> dict[str, list[str]]:
    """Where each step leads, by id, in the order of the list."""
    targets: dict[str, list[str]] = {}
    for place, (_, step) in enumerate(steps):
        name = step.get("id")
        if isinstance(name, str) and name not in targets:
            onward = [] if step.get("terminal") is not None else [_passing(steps, place), step.get("on_fail")]
            targets[name] = [target for target in onward if isinstance(target, str)]
    return targets


def _walk(targets: dict[str, list[str]]) -> tuple[set[str], set[str]]:
    """The steps reached from the first one, and those the flow runs back to."""
    finished: set[str] = set()
    loops: set[str] = set()

    def visit(name: str, behind: tuple[str, ...]) -> None:
        if name in behind:
            loops.add(name)
        elif name not in finished:
            for target in targets.get(name, []):
                visit(target, (*behind, name))
            finished.add(name)

    visit(next(iter(targets), ""), ())
    return finished, loops


def _outcome_faults(channel: Raw, steps: list[tuple[int, Raw]], path: str) -> Iterator[Found]:
    ends = {step["terminal"]: n for n, step in steps if isinstance(step.get("terminal"), str)}
    named = mapping(channel.get("outcomes"))
    for end, n in ends.items():
        if end not in named:
            yield f"{path}.steps[{n}].terminal", f"outcomes do not say what {end!r} gives the recipient"
    for end in named:
        if end not in ends:
            yield f"{path}.outcomes.{end}", "no step ends this way"
