"""The trial: load, kills in random order, rest, reckoning. The test runs a short one, ``make soak`` a long one."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import processes, reckoning
from .house import DATABASE, SUPERVISOR, VICTIMS, House
from .load import Load

REST_SECONDS = 90.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a trial: everything that does not agree, and what was done."""

    differences: list[str]
    faults: list[str]
    killed: list[str]
    summary: str


def trial(
    var: Path,
    *,
    seconds: float,
    pause: tuple[float, float],
    seed: int,
    with_supervisor: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> Verdict:
    """Run a load for ``seconds`` while processes are killed, with pauses of random length between the kills.

    Each victim is killed once at least: where coming back takes long, the trial does too.
    """
    chance = random.Random(seed)
    house = House(var)
    try:
        house.start()
        house.caller().deploy(processes.files())
        payouts = bool(house.sql("SELECT 1 FROM process_definition WHERE process_id = 'disbursement'"))
        load = Load(house.port, *house.credentials(), seed=seed, payouts=payouts)
        load.start()
        victims = [*VICTIMS, SUPERVISOR] if with_supervisor else list(VICTIMS)
        _kill_for(house, seconds, pause, victims, chance, tell)
        house.await_whole()
        tell("no more kills; what was begun is finished ...")
        load.stop_starting()
        load.client().command("/signals/broadcast", {"signalName": processes.SIGNAL})
        _await_rest(house, load)
        load.stop_working()
        found = reckoning.differences(house.sql, load.ledger, payments=var / "simulators.jsonl")
        return Verdict(found, load.faults.seen, house.killed, reckoning.summary(load.ledger))
    finally:
        house.stop()


def _kill_for(
    house: House,
    seconds: float,
    pause: tuple[float, float],
    victims: list[str],
    chance: random.Random,
    tell: Callable[[str], None],
) -> None:
    """Kill in rounds, each victim once a round where it is there; none is left out, however long that takes."""
    until = time.monotonic() + seconds
    while True:
        for victim in chance.sample(victims, len(victims)):
            time.sleep(chance.uniform(*pause))
            if time.monotonic() > until and set(victims) <= set(house.killed):
                return
            tell(f"kill -9 {victim}")
            house.kill(victim)
            if victim == DATABASE or chance.random() < 0.5:
                house.await_whole()  # the other half of the kills meets what is just coming back


def _await_rest(house: House, load: Load) -> None:
    """Wait until everything has happened that happens by itself."""
    until = time.monotonic() + REST_SECONDS
    while reckoning.unfinished(house.sql, load.ledger) and time.monotonic() < until:
        time.sleep(0.5)
