"""What is seen of long work: a bar in a notebook, one line on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import html
import json
import sys
import time
from typing import Any, Dict, Optional

_EVERY = 10.0  # seconds between two lines where nobody watches


class Progress:
    """Shows the lines that the program writes to standard error."""

    def __init__(self) -> None:
        self._display = _notebook_display()
        self._handle: Any = None
        self._terminal = self._display is None and bool(getattr(sys.stderr, "isatty", lambda: False)())
        self._drawn = 0  # characters of the line on the terminal
        self._spoke = self._began = time.monotonic()
        self._last: Optional[Dict[str, Any]] = None

    def line(self, line: str) -> bool:
        """Shows one line; False where it is a message of the program and no progress."""
        told = _read(line)
        if told is None:
            if not line.startswith("rnnscope: "):  # an error becomes an exception
                self._wipe()
                print(line, end="", file=sys.stderr, flush=True)
            return False
        self._last = told
        if self._display is not None:
            self._show(_bar(told))
        elif self._terminal:
            text = _words(told)
            print("\r" + text.ljust(self._drawn), end="", file=sys.stderr, flush=True)
            self._drawn = len(text)
        elif time.monotonic() - self._spoke >= _EVERY:
            self._spoke = time.monotonic()
            print(_words(told), file=sys.stderr, flush=True)
        return True

    def done(self, how: str) -> None:
        """how: "done", "interrupted" or "failed"."""
        self._wipe()
        if self._handle is not None and self._last is not None:
            seconds = time.monotonic() - self._began
            self._show("<div style='font-size:90%%;opacity:.75'>%s: %s after %s</div>" % (html.escape(self._last["what"]), how, _time(seconds)))

    def _show(self, markup: str) -> None:
        from IPython.display import HTML  # type: ignore[import-not-found,unused-ignore]

        made: Any = HTML  # untyped in IPython
        if self._handle is None:
            self._handle = self._display(made(markup), display_id=True)
        else:
            self._handle.update(made(markup))

    def _wipe(self) -> None:
        if self._drawn:
            print("\r" + " " * self._drawn + "\r", end="", file=sys.stderr, flush=True)
            self._drawn = 0


def _notebook_display() -> Any:
    """IPython's display where a notebook shows HTML, otherwise None."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None or type(shell).__name__ != "ZMQInteractiveShell":
        return None
    from IPython.display import display

    return display


def _read(line: str) -> Optional[Dict[str, Any]]:
    if not line.startswith('{"progress":'):
        return None
    try:
        told: Dict[str, Any] = json.loads(line)["progress"]
    except (ValueError, KeyError):
        return None
    return told


def _share(told: Dict[str, Any]) -> float:
    done, total = float(told["done"]), float(told["total"])
    return min(1.0, done / total) if total > 0 else 0.0


def _time(seconds: float) -> str:
    s = int(round(seconds))
    return "%d:%02d:%02d" % (s // 3600, s // 60 % 60, s % 60) if s >= 3600 else "%d:%02d" % (s // 60, s % 60)


def _words(told: Dict[str, Any]) -> str:
    """training  validation 2.10 nats  35 %  0:08 left"""
    parts = [told["what"], told["extra"]]
    if told["total"] > 0:
        parts.append("%3.0f %%" % (100 * _share(told)))
    if told["left"] > 0:
        parts.append("%s left" % _time(told["left"]))
    return "  ".join(p for p in parts if p)


def _bar(told: Dict[str, Any]) -> str:
    value = " value='%.4f'" % _share(told) if told["total"] > 0 else ""  # without a value the bar only moves
    return "<div style='font-size:90%%'><progress max='1'%s style='width:16em;vertical-align:middle'></progress>&ensp;%s</div>" % (value, html.escape(_words(told)))
