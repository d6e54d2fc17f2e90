"""Turns at heavy work: one at a time, in order, between threads with loops of their own, and nobody waits for ever."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from darbaza.portal.papers.turns import BusyError, Turns


def test_threads_with_loops_of_their_own_work_one_at_a_time_and_all_of_them_come_to_it() -> None:
    turns, at_work, most, done = Turns(), [], [], []

    async def work(name: int) -> None:
        async with turns.turn():
            at_work.append(name)
            most.append(len(at_work))
            await asyncio.sleep(0.02)
            at_work.remove(name)
            done.append(name)

    with ThreadPoolExecutor(8) as pool:
        for one in [pool.submit(asyncio.run, work(name)) for name in range(8)]:
            one.result(timeout=60)
    assert sorted(done) == list(range(8))
    assert set(most) == {1}


def test_whoever_waits_too_long_is_told_and_the_line_goes_on() -> None:
    turns, entered, leave = Turns(wait=0.1), threading.Event(), threading.Event()

    async def hold() -> None:
        async with turns.turn():
            entered.set()
            await asyncio.to_thread(leave.wait, 60)

    async def come() -> str:
        async with turns.turn():
            return "done"

    with ThreadPoolExecutor(1) as pool:
        holder = pool.submit(asyncio.run, hold())
        assert entered.wait(60)
        with pytest.raises(BusyError, match="try again in a minute"):
            asyncio.run(come())
        leave.set()
        holder.result(timeout=60)
    assert asyncio.run(come()) == "done"


def test_whoever_goes_away_while_waiting_or_fails_at_work_holds_up_nobody() -> None:
    turns = Turns()

    async def life() -> str:
        async with turns.turn():
            waiting = asyncio.create_task(come())
            await asyncio.sleep(0)
            waiting.cancel()
        with pytest.raises(ValueError, match="it fails"):
            async with turns.turn():
                raise ValueError("it fails")
        return await come()

    async def come() -> str:
        async with turns.turn():
            return "done"

    assert asyncio.run(asyncio.wait_for(life(), 60)) == "done"
