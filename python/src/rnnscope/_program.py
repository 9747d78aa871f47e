"""Calling the program."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any, List, Mapping, Optional

from ._binary import find


class RnnscopeError(RuntimeError):
    """What the program says when something cannot be done, in its own sentence."""


class MisuseError(RnnscopeError, ValueError):
    """The question was put in a way that cannot be answered: an option is missing or contradicts another."""


def call(args: List[str], *, progress: bool = False, stdin: Optional[str] = None) -> str:
    """Runs the program and returns its standard output. Progress goes to standard error, line by line, as it comes."""
    command = [find(), *([] if progress else ["-q"]), *args]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8")
    said: List[str] = []
    try:
        if progress:
            import threading

            def follow() -> None:
                for line in process.stderr:  # type: ignore[union-attr]
                    said.append(line)
                    print(line, end="", file=sys.stderr, flush=True)

            reader = threading.Thread(target=follow, daemon=True)
            reader.start()
            if stdin:
                process.stdin.write(stdin)  # type: ignore[union-attr]
            process.stdin.close()  # type: ignore[union-attr]
            out = process.stdout.read()  # type: ignore[union-attr]
            process.wait()
            reader.join()
        else:
            out, err = process.communicate(stdin)
            said.append(err)
    except BaseException:
        process.terminate()
        process.wait()
        raise
    if process.returncode == 0:
        return out
    message = _sentence("".join(said))
    raise (MisuseError if process.returncode == 2 else RnnscopeError)(message)


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
