"""Alone in a folder: one at a time, whoever else is there, and free again however a holder ends."""

import asyncio
import sys
from pathlib import Path

from shared.kit.alone import alone

HOLDER = """
import asyncio, pathlib, sys
from shared.kit.alone import alone

async def hold() -> None:
    async with alone(pathlib.Path(sys.argv[1]), "x"):
        print("held", flush=True)
        await asyncio.Event().wait()

asyncio.run(hold())
"""


async def test_one_at_a_time(tmp_path: Path) -> None:
    inside, most = 0, 0

    async def enter() -> None:
        nonlocal inside, most
        async with alone(tmp_path / "new", "x"):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(enter() for _ in range(5)))
    assert (inside, most) == (0, 1)


async def test_other_names_do_not_wait(tmp_path: Path) -> None:
    async with asyncio.timeout(5), alone(tmp_path, "x"), alone(tmp_path, "y"):
        pass


async def test_a_process_that_is_killed_holds_it_no_longer(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDER, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"held\n"
    waiting = asyncio.create_task(alone(tmp_path, "x").__aenter__())
    done, _ = await asyncio.wait([waiting], timeout=0.3)
    assert not done
    process.kill()
    await process.wait()
    async with asyncio.timeout(10):
        await waiting
