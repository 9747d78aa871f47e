#!/usr/bin/env bash
# Builds the wheels: python/build.sh [GOOS/GOARCH ...] (default: this machine's). They are written to python/dist.
set -euo pipefail
cd "$(dirname "$0")"
python=${PYTHON:-python3}
"$python" -m build --version >/dev/null 2>&1 || { echo "python/build.sh needs: $python -m pip install build==1.6.1" >&2; exit 1; }
[ $# -gt 0 ] || set -- "$(go env GOOS)/$(go env GOARCH)"
for target; do RNNSCOPE_TARGET=$target "$python" -m build --wheel --outdir dist .; done
ls -l dist
