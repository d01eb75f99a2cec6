"""The host's end of the protocol: an adapter in a process of its own, within limits."""

from __future__ import annotations

import contextlib
import json
import os
import re
import resource
import selectors
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, NamedTuple, cast

__all__ = ["PROTOCOL", "AdapterError", "Ended", "Host", "Limits"]

PROTOCOL = 1
_MEBIBYTE = 1 << 20


class Limits(NamedTuple):
    """What a case may take.

    Attributes
    ----------
    seconds : float
        Processor time of the adapter and the programs that it started and that ended; six
        times as much may pass on the clock.
    megabytes : int
        Memory beyond what the adapter has at rest.
    longest_answer : int
        Octets of one answer.
    """

    seconds: float = 10.0
    megabytes: int = 256
    longest_answer: int = 256 * _MEBIBYTE


class AdapterError(Exception):
    """An adapter cannot be used at all: it does not start, or speaks another protocol."""


class Ended(Exception):
    """An adapter did not answer as the protocol has it.

    Parameters
    ----------
    kind : str
        ``crashed``, ``timeout``, ``memory`` or ``garbage``.
    detail : str
        What is known about it.
    """

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail


class Host:
    """One adapter; starts it, and starts it anew after it ended.

    Parameters
    ----------
    command : sequence of str
        What starts it.
    limits : Limits, optional
        What a case may take.
    """

    def __init__(self, command: Sequence[str], limits: Limits | None = None) -> None:
        self._command = list(command)
        self._limits = limits or Limits()
        self._process: subprocess.Popen[bytes] | None = None
        self._errors: IO[bytes] | None = None
        self._rest = 0
        self._waiting = bytearray()
        self.tool = ""
        self.versions: dict[str, str] = {}
        self.operations: list[str] = []
        self.features: list[str] | None = None

    def __enter__(self) -> Host:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the adapter and ask what it is.

        Raises
        ------
        AdapterError
            If it gives no sensible answer.
        """
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  # closed by stop
        self._process = None
        environment = {**os.environ, "MALLOC_ARENA_MAX": "1", "PYTHONFAULTHANDLER": ""}
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
            environment.setdefault(name, "1")
        try:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            self._ended("crashed", "")
            raise AdapterError(f"{self._command[0]} does not start: {error}") from error
        self._waiting.clear()
        try:
            self._introduced()
        except Ended as error:
            raise AdapterError(f"it does not answer start and describe: {error}") from error
        except AdapterError:
            self._ended("garbage", "")
            raise
        self._rest = _memory(self._process.pid, "VmRSS")
        virtual = _memory(self._process.pid, "VmSize")
        # What asks for far more than it may is stopped by the system; the rest is measured.
        most = virtual + 8 * self._limits.megabytes * _MEBIBYTE
        with contextlib.suppress(OSError):
            resource.prlimit(self._process.pid, resource.RLIMIT_AS, (most, most))
            resource.prlimit(self._process.pid, resource.RLIMIT_CORE, (0, 0))

    def _introduced(self) -> None:
        """Ask the adapter what it is, and what it can be asked."""
        try:
            greeting = self._asked({"do": "start", "protocol": PROTOCOL})
            if greeting.get("protocol") != PROTOCOL:
                raise AdapterError(f"it speaks protocol {greeting.get('protocol')!r}, not 1")
            self.tool = str(greeting["tool"])
            self.versions = {str(k): str(v) for k, v in _object(greeting["versions"]).items()}
            described = self._asked({"do": "describe"})
            self.operations = [str(name) for name in cast("list[object]", described["operations"])]
            features = described.get("features")
            if features is not None:
                self.features = [str(name) for name in cast("list[object]", features)]
        except (KeyError, TypeError) as error:
            raise AdapterError(f"its answer to start or describe lacks {error}") from error

    def lacks(self, operation: str, feature: str) -> str:
        """Return why a case is not put to the tool, or an empty string."""
        if operation not in self.operations:
            return f"no operation {operation}"
        if self.features is not None and not feature.startswith(tuple(self.features)):
            return f"no feature {feature}"
        return ""

    def run(self, request: Mapping[str, object]) -> dict[str, object]:
        """Put a case to the tool and return its answer.

        Raises
        ------
        Ended
            If there is none within the limits. The adapter is started anew by the next call.
        AdapterError
            If it does not start any more.
        """
        if self._process is None:
            self.start()
        assert self._process is not None
        pid = self._process.pid
        _forget_peak(pid)
        answer = self._asked({"do": "run", **request})
        taken = _memory(pid, "VmHWM") - self._rest
        if answer.get("id") != request["id"]:
            raise self._ended("garbage", f"an answer to {answer.get('id')!r}")
        if len(answer.keys() & {"result", "skipped", "error"}) != 1:
            raise self._ended("garbage", f"an answer with {', '.join(sorted(answer))}")
        if taken > self._limits.megabytes * _MEBIBYTE:
            raise self._ended("memory", f"{taken // _MEBIBYTE} MB beyond what it has at rest")
        return answer

    def stop(self) -> None:
        """End the adapter."""
        process = self._process
        if process is None:
            return
        self._process = None
        assert process.stdin is not None
        assert process.stdout is not None
        with contextlib.suppress(OSError):
            process.stdin.write(b'{"do": "stop"}\n')
            process.stdin.close()
        try:
            process.wait(2)
        except subprocess.TimeoutExpired:
            _kill(process)
        process.stdout.close()
        if self._errors is not None:
            self._errors.close()
            self._errors = None

    def _asked(self, request: Mapping[str, object]) -> dict[str, object]:
        assert self._process is not None
        octets = json.dumps(request).encode() + b"\n"
        try:
            line = self._exchanged(self._process, octets)
        except (BrokenPipeError, EOFError):
            raise self._ended("crashed", self._death()) from None
        try:
            return _object(json.loads(line))
        except (ValueError, TypeError, RecursionError):
            raise self._ended("garbage", f"not a JSON object: {bytes(line[:80])!r}") from None

    def _exchanged(self, process: subprocess.Popen[bytes], octets: bytes) -> bytes:
        """Write a request and read a line, while the adapter's time is watched."""
        assert process.stdin is not None
        assert process.stdout is not None
        begun, used = time.monotonic(), _processor_seconds(process.pid)
        todo = memoryview(octets)
        os.set_blocking(process.stdin.fileno(), False)
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            selector.register(process.stdin, selectors.EVENT_WRITE)
            while True:
                end = self._waiting.find(b"\n")
                if end >= 0:
                    line = bytes(self._waiting[:end])
                    del self._waiting[: end + 1]
                    return line
                if len(self._waiting) > self._limits.longest_answer:
                    raise self._ended("garbage", "an answer without end")
                for key, _ in selector.select(timeout=0.25):
                    if key.fileobj is process.stdin:
                        with contextlib.suppress(BlockingIOError):
                            todo = todo[os.write(process.stdin.fileno(), todo[: 1 << 16]) :]
                        if not todo:
                            selector.unregister(process.stdin)
                    else:
                        read = os.read(process.stdout.fileno(), 1 << 20)
                        if not read:
                            raise EOFError
                        self._waiting += read
                clock = time.monotonic() - begun
                if clock > self._limits.seconds:
                    spent = _processor_seconds(process.pid) - used
                    idle = spent < 0.1 * clock  # it waits for something: that is not load
                    if spent > self._limits.seconds or idle or clock > 6 * self._limits.seconds:
                        raise self._ended("timeout", f"no answer after {clock:.0f} s")

    def _ended(self, kind: str, detail: str) -> Ended:
        """Return what is to be raised, with the adapter gone."""
        process = self._process
        self._process = None
        if process is not None:
            _kill(process)
            for pipe in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):
                    if pipe is not None:
                        pipe.close()
        if self._errors is not None:
            self._errors.close()
            self._errors = None
        return Ended(kind, detail)

    def _death(self) -> str:
        """Return how the adapter ended, with the last line that it wrote to standard error."""
        assert self._process is not None
        try:
            status = self._process.wait(2)
        except subprocess.TimeoutExpired:
            return "closed its standard output"
        how = f"status {status}" if status >= 0 else signal.Signals(-status).name
        last = ""
        if self._errors is not None:
            self._errors.seek(0, os.SEEK_END)
            self._errors.seek(max(0, self._errors.tell() - 2000))
            lines = self._errors.read().decode("utf-8", "replace").split("\n")
            last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return f"{how}: {last[:200]}" if last else how


def _object(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise TypeError("an object")
    return value


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End an adapter and every program that it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _memory(pid: int, name: str) -> int:
    """Return a size of a process in octets; 0 where the system does not tell."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii", "replace")
    except OSError:
        return 0
    found = re.search(rf"^{name}:\s*(\d+) kB", status, re.MULTILINE)
    return int(found[1]) << 10 if found else 0


def _forget_peak(pid: int) -> None:
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/clear_refs").write_text("5", "ascii")


def _processor_seconds(pid: int) -> float:
    """Return the processor time of a process and its ended children; 0 if it is not told."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
