"""Where the program is."""

import os
import shutil
import sys
import sysconfig


def find() -> str:
    """Path of the program: $RNNSCOPE_BINARY, else the one this package was installed with, else the one on PATH.

    Raises FileNotFoundError when there is none.
    """
    asked = os.environ.get("RNNSCOPE_BINARY")
    if asked:
        return asked
    name = "rnnscope.exe" if sys.platform == "win32" else "rnnscope"
    for scheme in (None, sysconfig.get_preferred_scheme("user") if hasattr(sysconfig, "get_preferred_scheme") else None):
        folder = sysconfig.get_path("scripts", scheme) if scheme else sysconfig.get_path("scripts")
        if folder and os.path.isfile(os.path.join(folder, name)):
            return os.path.join(folder, name)
    found = shutil.which("rnnscope")
    if not found:
        raise FileNotFoundError("the rnnscope program was not found; install the wheel of a release or set RNNSCOPE_BINARY")
    return found
