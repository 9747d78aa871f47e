"""Calling the program."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from typing import Any, List, Mapping, Optional

from ._binary import find
from ._progress import Progress


class RnnscopeError(RuntimeError):
    """What the program says when something cannot be done, in its own sentence."""


class MisuseError(RnnscopeError, ValueError):
    """The question was put in a way that cannot be answered: an option is missing or contradicts another."""


def call(args: List[str], *, progress: bool = False, stdin: Optional[str] = None) -> str:
    """Runs the program and returns its standard output. With progress, what it says meanwhile is shown."""
    command = [find(), *([] if progress else ["-q"]), *args]
    environment = {**os.environ, "RNNSCOPE_PROGRESS": "json"}
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", env=environment)
    said: List[str] = []
    shown = Progress() if progress else None
    try:
        if shown is None:
            out, err = process.communicate(stdin)
            said.append(err)
        else:
            out = _follow(process, stdin, shown, said)
    except BaseException:  # the cell was stopped, above all: the program keeps what it has
        process.send_signal(signal.SIGINT if os.name == "posix" else signal.SIGTERM)
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if shown is not None:
            shown.done("interrupted")
        raise
    if shown is not None:
        shown.done("failed" if process.returncode else "done")
    if process.returncode == 0:
        return out
    message = _sentence("".join(said))
    raise (MisuseError if process.returncode == 2 else RnnscopeError)(message)


def _follow(process: "subprocess.Popen[str]", stdin: Optional[str], shown: Progress, said: List[str]) -> str:
    """Shows standard error as it comes, in this thread, since that is where a notebook draws; standard output is gathered beside it."""
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None
    gathered: List[str] = []
    reader = threading.Thread(target=lambda out: gathered.append(out.read()), args=(process.stdout,), daemon=True)
    reader.start()
    if stdin:
        process.stdin.write(stdin)
    process.stdin.close()
    for line in process.stderr:
        if not shown.line(line):
            said.append(line)
    process.wait()
    reader.join()
    return "".join(gathered)


def _sentence(said: str) -> str:
    lines = [line for line in said.strip().splitlines() if line.startswith("rnnscope: ")]
    return lines[-1][len("rnnscope: "):] if lines else said.strip()


def call_json(args: List[str], *, progress: bool = False) -> Any:
    """Runs the program with --json and returns what it prints as Python values."""
    return json.loads(call(["--json", *args], progress=progress))


def options(given: Mapping[str, Any]) -> List[str]:
    """Turns keyword arguments into flags: layers=2 is --layers 2, details=True is --details, a list is joined with commas."""
    out: List[str] = []
    for name, value in given.items():
        flag = "--" + name.replace("_", "-")
        if value is None or value is False:
            continue
        if value is True:
            out.append(flag)
        elif isinstance(value, (list, tuple)):
            out += [flag, ",".join(map(str, value))]
        else:
            out += [flag, str(value)]
    return out
