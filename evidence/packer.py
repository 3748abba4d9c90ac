"""The one who makes packs: reads, has them compiled in a process that gives way, freezes; votes go on meanwhile."""

import logging
import secrets
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TypeVar

import gevent
from flask import current_app

from evidence.material import Material
from evidence.pack import Edition, zipped_pack
from evidence.packing import (
    Job,
    MovedMeanwhile,
    NotMine,
    claim_job,
    note_step,
    publish_job,
    refuse_job,
    unfinished_jobs,
)
from evidence.service import PackDraft, draft_pack, make_pack
from evidence.signing import PackKey
from scenario_app.kernel.aside import aside
from scenario_app.kernel.clock import Clock
from scenario_app.kernel.database import Database, StorageUnavailable
from scenario_app.kernel.errors import DomainError
from scenario_app.kernel.looking import look_every, quietly
from scenario_app.kernel.threads import off_the_loop

T = TypeVar("T")
# How packs are compiled, given what to do every ten seconds meanwhile.
Making = Callable[[Callable[[], object]], Callable[[Material, Edition], bytes]]
IN_ANOTHER_PROCESS: Making = partial(aside, zipped_pack)
LOOK_SECONDS = 20.0
# Between two signs of life there are ten seconds; on a database of several processes another one takes over then.
SILENT_AFTER = timedelta(seconds=60)
MOST_TURNS = 5
log = logging.getLogger(__name__)


class Packer:
    """Makes the packs that were asked for, one after the other, the first asked for first."""

    def __init__(
        self,
        database: Database,
        *,
        clock: Clock,
        threshold: int,
        key: Callable[[], PackKey | None],
        making: Making = IN_ANOTHER_PROCESS,
    ) -> None:
        self._database = database
        self._clock = clock
        self._threshold = threshold
        self._key = key
        self._making = making
        self._name = secrets.token_hex(8)
        self._running: gevent.Greenlet[..., None] | None = None
        self._asked = False

    def serve(self) -> None:
        """Begin what a process before this one left half done, and look again every twenty seconds."""
        look_every(LOOK_SECONDS, self.wake)

    def wake(self) -> None:
        """Begin soon: somebody asked for a pack just now."""
        self._asked = True
        if self._running is None or self._running.dead:
            self._running = gevent.spawn(self._work_quietly)

    def work(self) -> int:
        """Make everything that waits; return how many jobs were taken."""
        taken = 0
        while (job := self._claim()) is not None:
            taken += 1
            self._finish(job)
        return taken

    def _claim(self) -> Job | None:
        now = self._clock()
        # A SQLite file has one process: whoever else was at it is gone.
        silent = now if self._database.on_sqlite else now - SILENT_AFTER
        with self._database.reading() as session:
            # A writer waits for the ballots, and on the loop everybody would wait with it: not every twenty seconds.
            if not unfinished_jobs(session):
                return None
        with self._database.transaction() as session:
            return claim_job(session, worker=self._name, now=now, silent_since=silent)

    def _finish(self, job: Job) -> None:
        try:
            for _turn in range(MOST_TURNS):
                try:
                    return self._make(job)
                except MovedMeanwhile:  # made anew from what is there now
                    continue
            self._refuse(job, MovedMeanwhile.code)
        except NotMine:
            log.warning("another process makes a pack that this one had begun", extra={"job": job.id})
        except StorageUnavailable:
            raise
        except DomainError as refusal:
            self._refuse(job, refusal.code)
        except Exception as problem:
            log.exception("a pack could not be made", extra={"bug": type(problem).__name__, "job": job.id})
            self._refuse(job, "bug")

    def _make(self, job: Job) -> None:
        self._note(job, 1)
        draft = self._read(lambda: self._draft(job))
        self._note(job, 2)
        now, key = self._clock(), self._key()
        made = make_pack(
            draft,
            now=now,
            key=key,
            language=job.language,
            making=self._making(lambda: self._note(job, 2)),
        )
        self._note(job, 3)

        def freeze() -> None:
            with self._database.thread_transaction() as session:
                publish_job(session, job=job, worker=self._name, draft=draft, made=made, now=now)

        self._read(freeze)

    def _draft(self, job: Job) -> PackDraft:
        with self._database.reading() as session:
            return draft_pack(session, event_slug=job.event_slug, threshold=self._threshold)

    def _read(self, work: Callable[[], T]) -> T:
        # SQLite's calls would stop every phone; PostgreSQL's driver waits on the loop like everything else.
        return off_the_loop(work) if self._database.on_sqlite else work()

    def _note(self, job: Job, step: int) -> None:
        with self._database.transaction() as session:
            note_step(session, job_id=job.id, worker=self._name, step=step, now=self._clock())

    def _refuse(self, job: Job, code: str) -> None:
        with self._database.transaction() as session:
            refuse_job(session, job_id=job.id, worker=self._name, code=code, now=self._clock())

    def _work_quietly(self) -> None:
        while self._asked:  # somebody may ask between the last claim and the end
            self._asked = False
            quietly(self.work)


def packer() -> Packer:
    """Return the packer of the current application."""
    found: Packer = current_app.extensions["packer"]
    return found
