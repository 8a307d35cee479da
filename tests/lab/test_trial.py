import asyncio
import os
import signal

import msgspec
import pytest

from commaok.errors import CommaokError
from commaok.hazards import experiments
from commaok.lab import trial
from commaok.lab.etcd import EtcdServer
from commaok.lab.trial import SAMPLE_SECONDS, Plan, run_trial
from commaok.lab.workload import Workload

PLAN = Plan(
    watchers=20,
    streams=4,
    seconds=5.0,
    quiet_seconds=1.5,
    fault_rate=15.0,
    workload=Workload(keys=200, prefixes=20, rate=150),
)
VARIANTS = experiments()["watch-manager"].variants


async def test_before_the_fix_events_are_lost_and_with_resume_none(etcd: EtcdServer) -> None:
    observed = await run_trial(etcd, VARIANTS, PLAN, seed=1)
    before, comma_ok, resume = (observed[one.name].measurement for one in VARIANTS)
    assert before.due == comma_ok.due == resume.due > 500
    assert before.lost > comma_ok.lost > resume.lost == 0
    assert resume.duplicated == resume.out_of_order == resume.not_genuine == 0
    assert not any(episode.ending == "itself" for episode in before.episodes)
    assert all(episode.ending == "itself" for episode in resume.episodes)
    for one in observed.values():
        assert len(one.running) == pytest.approx(PLAN.seconds / SAMPLE_SECONDS, abs=8)


async def test_without_faults_nobody_loses_anything(etcd: EtcdServer) -> None:
    plan = msgspec.structs.replace(PLAN, fault_rate=0.0, seconds=2.0)
    for one in (await run_trial(etcd, VARIANTS, plan, seed=1)).values():
        assert one.measurement.lost == one.measurement.duplicated == 0
        assert one.measurement.delivered == one.measurement.due > 0
        assert set(one.running) == {20}


async def test_an_operator_restarts_what_stays_below_its_range(etcd: EtcdServer) -> None:
    plan = msgspec.structs.replace(PLAN, operator_seconds=0.5)
    observed = await run_trial(etcd, VARIANTS[:1], plan, seed=1)
    before = observed[VARIANTS[0].name].measurement
    assert before.restarts > 0
    assert any(episode.ending == "restart" for episode in before.episodes)


@pytest.mark.parametrize("after", [0.05, 2.0])
async def test_a_server_that_dies_ends_the_trial_wherever_it_is(
    etcd: EtcdServer, after: float
) -> None:
    asyncio.get_running_loop().call_later(after, os.kill, etcd.pid, signal.SIGKILL)
    async with asyncio.timeout(20):
        with pytest.raises(CommaokError):
            await run_trial(etcd, VARIANTS, PLAN, seed=1)


async def test_a_server_that_says_nothing_is_given_up(
    etcd: EtcdServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "PATIENCE_SECONDS", 1.0)
    os.kill(etcd.pid, signal.SIGSTOP)
    try:
        with pytest.raises(trial.Stuck, match="did not register its watchers within 1 s"):
            await run_trial(etcd, VARIANTS[:1], PLAN, seed=1)
    finally:
        os.kill(etcd.pid, signal.SIGCONT)
