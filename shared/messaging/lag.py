"""How far a reader is behind."""

import asyncio
from collections import Counter
from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer

from shared.messaging.access import CLIENT_FAILS

_ANSWER_S = 3.0


async def lag_of(consumer: AIOKafkaConsumer | None, at_hand: Sequence[str]) -> dict[str, int]:
    """How many records of each topic are not handled yet, in the partitions that ``consumer`` reads; ``at_hand`` names
    the topic of each record it was given and that is not done with. Empty while the cluster does not answer."""
    if consumer is None:
        return {}
    found, places = Counter(at_hand), consumer.assignment()
    try:
        async with asyncio.timeout(_ANSWER_S):
            for place, end in (await consumer.end_offsets(places) if places else {}).items():
                found[place.topic] += max(0, end - await consumer.position(place))
    except (TimeoutError, *CLIENT_FAILS):
        return {}
    return dict(found)
