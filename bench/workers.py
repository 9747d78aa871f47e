"""Long-lived worker processes that answer one line of JSON for each line they get."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path

HERE = Path(__file__).resolve().parent


class Failed(Exception):
    """The worker answered with an error, died, or took too long."""


class Worker:
    def __init__(self, name, command, environment=None):
        self.name = name
        env = {k: v for k, v in os.environ.items() if k not in ("OMP_WAIT_POLICY", "OMP_NUM_THREADS", "GOMAXPROCS")}
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=env | (environment or {}),
            start_new_session=True,  # a group of its own: torch.compile starts processes too
        )
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put(None)

    def ask(self, timeout=300, **order):
        """Sends an order and waits for its answer; on a timeout the worker is killed."""
        try:
            self.process.stdin.write(json.dumps(order) + "\n")
            self.process.stdin.flush()
            line = self.lines.get(timeout=timeout)
        except queue.Empty:
            self.stop()
            raise Failed(f"no answer in {timeout:.0f} s") from None
        except OSError as e:
            raise Failed(f"{self.name}: {e}") from None
        if line is None:
            raise Failed(f"{self.name} ended unexpectedly")
        answer = json.loads(line)
        if answer.get("error"):
            raise Failed(answer["error"])
        return answer

    def rate(self, job, seconds):
        """Characters a second."""
        a = self.ask(op="run", id=job, seconds=seconds)
        return a["chars"] / a["seconds"]

    def stop(self):
        if hasattr(os, "killpg"):
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass  # it has ended by itself
        self.process.kill()
        self.process.wait()


def ours(binary):
    return Worker("rnnscope", [binary, "-q", "bench", "--worker"])


def peer(wait_policy):
    """A PyTorch worker; wait_policy is "passive" or "default" (OMP_WAIT_POLICY unset)."""
    env = {} if wait_policy == "default" else {"OMP_WAIT_POLICY": wait_policy}
    return Worker(f"torch, {wait_policy} waiting", [sys.executable, str(HERE / "peer.py")], env)
