"""One real Kafka node for many tests: each finds it without topics, and so without what others read there."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import for_code

_GONE_WITHIN_S = 30.0


def forget(bootstrap: str) -> None:
    """Delete every topic of the stand; what groups have read of them goes too."""
    # In a thread of its own: a test may be within its event loop.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, _forget(bootstrap)).result()


async def _forget(bootstrap: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        async with asyncio.timeout(_GONE_WITHIN_S):
            while topics := [name for name in await admin.list_topics() if name.startswith("egov.")]:
                answer = await admin.delete_topics(topics)
                for _, code in answer.topic_error_codes:
                    if for_code(code).__name__ not in {"NoError", "UnknownTopicOrPartitionError"}:
                        raise for_code(code)
                await asyncio.sleep(0.05)
    finally:
        await admin.close()
