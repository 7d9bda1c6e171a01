"""What counts as load: many applications at the same time, not one after the other."""

from shared.messages.systems import System
from shared.messaging.crowd import CROWDED, LONGEST_S, WINDOW_S, Crowd


def test_one_application_after_the_other_is_no_crowd_however_fast() -> None:
    crowd = Crowd()
    for number in range(200):
        crowd.note([f"application-{number // 8}".encode()] * 3, number * WINDOW_S / 8)
        assert crowd.patience_s == 0


def test_many_at_the_same_time_are_one() -> None:
    crowd = Crowd()
    for number in range(CROWDED - 1):
        crowd.note([f"application-{number}".encode()], WINDOW_S + number * WINDOW_S / 100)
        assert crowd.patience_s == 0
    crowd.note([b"one more"], 2.5 * WINDOW_S)
    assert crowd.patience_s > 0


def test_a_crowd_disperses() -> None:
    crowd = Crowd()
    crowd.note([str(number).encode() for number in range(CROWDED)], 10.0)
    assert crowd.patience_s > 0
    crowd.note([], 10.0 + WINDOW_S)
    assert crowd.patience_s > 0
    crowd.note([], 10.0 + 2.1 * WINDOW_S)
    assert crowd.patience_s == 0
    crowd.note([str(number).encode() for number in range(CROWDED)], 11.0)
    crowd.note([b"one"], 12.0)
    assert crowd.patience_s == 0


def test_a_larger_crowd_waits_longer_but_not_for_ever() -> None:
    small, large, huge = Crowd(), Crowd(), Crowd()
    for crowd, size in ((small, CROWDED), (large, 2 * CROWDED), (huge, 1000)):
        crowd.note([str(number).encode() for number in range(size)], 10.0)
    assert 0 < small.patience_s < large.patience_s < huge.patience_s == LONGEST_S


def test_receipts_of_all_neighbours_are_no_crowd() -> None:
    crowd = Crowd()
    crowd.note([system.value.encode() for system in System] + [b"application"], 10.0)
    assert len(System) >= CROWDED
    assert crowd.patience_s == 0
