"""python -m rnnscope: the program itself."""

import os
import subprocess
import sys

from ._binary import find

program = find()
if sys.platform == "win32":
    sys.exit(subprocess.call([program, *sys.argv[1:]]))
os.execv(program, [program, *sys.argv[1:]])
