"""Runs the suite against servers, several at a time, each in its own process."""

import contextlib
import io
import multiprocessing
import resource
import time
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from multiprocessing import connection
from typing import Any

from scripts.mutants.subjects import Subject
from thread_runs_conformance import judge

TIMEOUT = 900
"""Seconds before a judgement is aborted; it counts as not caught."""
PROCESSOR_TIME = 120
"""Seconds of processor time that a judgement may take."""
MEMORY = 3 * 1024**3
"""Bytes of address space that a judgement may use: a wrong server may read without end."""


@dataclass(frozen=True)
class Settings:
    """How each server is judged.

    Attributes:
        exitfirst: Stop at the first finding: enough to tell whether a server is caught.
        timeout: Seconds until a request is given up: more than a server on loopback needs.
        pause: Seconds to wait before everything is read back at the end.
    """

    profile: str = "ci"
    seed: int = 1
    exitfirst: bool = True
    timeout: float = 5
    pause: float = 5


@dataclass(frozen=True)
class Outcome:
    """The result of the suite for a server.

    Attributes:
        codes: The codes of its findings.
        sentence: The first finding, or why there is none.
        state: `caught`, `escaped`, `failed` if the suite failed or was cut off without a finding, or `invalid` if
            the server did not start.
    """

    subject: Subject
    state: str
    codes: tuple[str, ...] = ()
    sentence: str = ""
    requests: int = 0
    seconds: float = 0
    seed: int = 1


@dataclass(frozen=True)
class Job:
    subject: Subject
    settings: Settings


def judged(job: Job) -> Outcome:
    """Serve and judge a server in this process."""
    settings = job.settings
    with contextlib.ExitStack() as stack:
        try:
            served = stack.enter_context(job.subject.serve())
        except Exception as error:
            return Outcome(job.subject, "invalid", sentence=repr(error))
        report = judge(
            served.base_url,
            served.targets,
            headers=served.headers,
            spec=served.spec,
            disposable=True,
            profile=settings.profile,
            seed=settings.seed,
            timeout=settings.timeout,
            pause=settings.pause,
            exitfirst=settings.exitfirst,
        )
    sentences = [finding.sentence for finding in report.findings]
    trouble = [*report.errors, *(() if sentences else report.cut_off), *report.not_restored]
    return Outcome(
        job.subject,
        "caught" if sentences else "failed" if trouble else "escaped",
        tuple(finding.code for finding in report.findings),
        " ".join([*sentences[:1], *(each[-500:] for each in trouble)]),
        report.requests,
        seed=settings.seed,
    )


class _Judging:
    """A judgement in a process of its own, which begins where this one is."""

    def __init__(self, job: Job) -> None:
        self.job = job
        context = multiprocessing.get_context("fork")
        self.pipe, theirs = context.Pipe(duplex=False)
        self._process = context.Process(target=_child, args=(job, theirs))
        self._started = time.monotonic()
        self._process.start()
        theirs.close()

    @property
    def overdue(self) -> bool:
        return time.monotonic() - self._started > TIMEOUT

    def outcome(self) -> Outcome:
        """What came of it; waits for nothing."""
        found = Outcome(self.job.subject, "failed", sentence="no result")
        with contextlib.suppress(EOFError):
            if self.pipe.poll():
                found = self.pipe.recv()
        self._process.kill()
        self._process.join()
        self.pipe.close()
        # Functions do not go through a pipe: the subject is put back.
        return replace(found, subject=self.job.subject, seconds=time.monotonic() - self._started)


def _child(job: Job, pipe: Any) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_TIME, PROCESSOR_TIME))
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            found = judged(job)
    except Exception:
        found = Outcome(job.subject, "failed", sentence=traceback.format_exc()[-500:])
    pipe.send(replace(found, subject=None))  # type: ignore[arg-type]
    pipe.close()


def judge_all(jobs: Iterable[Job], workers: int) -> Iterator[Outcome]:
    """Do all jobs, some at a time; gives each outcome as it comes."""
    waiting, running = [*jobs][::-1], list[_Judging]()
    while waiting or running:
        while waiting and len(running) < workers:
            running.append(_Judging(waiting.pop()))
        ready = connection.wait([judging.pipe for judging in running], timeout=1)
        for judging in [judging for judging in running if judging.pipe in ready or judging.overdue]:
            running.remove(judging)
            yield judging.outcome()
