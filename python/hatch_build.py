"""Puts the program into the wheel: compiled for one machine, installed beside Python's own scripts.

A wheel is made for the machine it is built on, or for RNNSCOPE_TARGET (GOOS/GOARCH, for example darwin/arm64).
Only the Go toolchain is needed, no C compiler: the program is static.
"""

import os
import subprocess
import tempfile
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# The platform tag of each target. A static program needs neither glibc nor musl, so one Linux wheel serves both.
TAGS = {
    "linux/amd64": "manylinux_2_17_x86_64.manylinux2014_x86_64.musllinux_1_1_x86_64",
    "linux/arm64": "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64",
    "darwin/amd64": "macosx_12_0_x86_64",
    "darwin/arm64": "macosx_12_0_arm64",
    "windows/amd64": "win_amd64",
    "windows/arm64": "win_arm64",
}


class ProgramHook(BuildHookInterface):
    def initialize(self, version, build_data):
        if version == "editable":
            return
        target = os.environ.get("RNNSCOPE_TARGET") or "/".join(self.go("env", "GOOS", "GOARCH").split())
        if target not in TAGS:
            raise SystemExit(f"no wheel for {target}; RNNSCOPE_TARGET is one of {', '.join(TAGS)}")
        goos, goarch = target.split("/")
        name = "rnnscope.exe" if goos == "windows" else "rnnscope"
        self.work = tempfile.TemporaryDirectory()
        program = Path(self.work.name, name)
        self.compile(program, goos, goarch)
        build_data["shared_scripts"] = {str(program): name}
        if os.environ.get("RNNSCOPE_EXAMPLE"):  # what "rnnscope open example" shows; without it the program makes one
            build_data["shared_data"] = {os.environ["RNNSCOPE_EXAMPLE"]: "share/rnnscope/example.zip"}
        build_data["tag"] = f"py3-none-{TAGS[target]}"
        build_data["pure_python"] = False

    def finalize(self, version, build_data, artifact_path):
        if getattr(self, "work", None):
            self.work.cleanup()

    def compile(self, program, goos, goarch):
        stamp = f"-X github.com/rnnscope/rnnscope/run.release=v{self.metadata.version}"
        commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=self.root, capture_output=True, text=True)
        if commit.returncode == 0:
            stamp += f" -X github.com/rnnscope/rnnscope/run.commit={commit.stdout.strip()}"
        self.go("build", "-trimpath", "-tags", "nethttpomithttp2", "-ldflags", f"-s -w {stamp}", "-o", str(program), "./cmd/rnnscope",
                GOOS=goos, GOARCH=goarch, CGO_ENABLED="0")

    def go(self, *args, **env):
        repo = Path(self.root).parent
        done = subprocess.run(["go", *args], cwd=repo, env={**os.environ, **env}, stdout=subprocess.PIPE, text=True)
        if done.returncode:
            raise SystemExit(f"go {args[0]} failed; building the wheel needs the Go toolchain and the whole repository")
        return done.stdout
