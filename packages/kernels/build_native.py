"""How hatchling gets the compiled module into a wheel.

`c/kernels.c` is compiled once for each kind of processor, with its instructions; which
of them a machine has is looked up when the module is imported. Only the stable part of
Python's C interface is used, so that one wheel serves every Python from 3.11 on.

Extra flags for the compiler and the linker, such as those of a sanitizer, may be given
in the environment variable PEBBLEGRAD_CFLAGS.
"""

import os
import platform
import shlex
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from setuptools._distutils.ccompiler import new_compiler
from setuptools._distutils.sysconfig import customize_compiler

HERE = Path(__file__).resolve().parent
OLDEST = (3, 11)
OTHERS = ("sizes.c", "pool.c", "call.c", "module.c")
X86 = {
    "avx512": "-DKIND=avx512 -mavx512f -mavx512dq -mavx512bw -mavx512vl -mfma "
    "-mprefer-vector-width=512",
    "avx2": "-DKIND=avx2 -mavx2 -mfma",
}
# No trapping math: a comparison may be made for elements that it is not needed for.
FLAGS = "-O3 -g0 -std=gnu11 -fPIC -fvisibility=hidden -Wall -Wextra -ffp-contract=fast "
FLAGS += "-fno-math-errno -fno-trapping-math"


class NativeModule(BuildHookInterface):
    """Compile the module and put it into the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it gathers files."""
        folder = Path(tempfile.mkdtemp(prefix="pebblegrad-kernels-"))
        name = "_native.pyd" if sys.platform == "win32" else "_native.abi3.so"
        compiled = compile_native(folder, folder / name)
        build_data["force_include"][str(compiled)] = f"pebblegrad/kernels/{name}"
        build_data["pure_python"] = False
        # The system, with what ARCHFLAGS and MACOSX_DEPLOYMENT_TARGET say on macOS.
        where = self.build_config.builder.get_best_matching_tag().rpartition("-")[2]
        build_data["tag"] = "cp{}{}-abi3-{}".format(*OLDEST, where)


def compile_native(folder: Path, target: Path) -> Path:
    """Compile and link the module; objects go into `folder`."""
    compiler = new_compiler()
    customize_compiler(compiler)
    more = shlex.split(os.environ.get("PEBBLEGRAD_CFLAGS", ""))
    flags = [*shlex.split(FLAGS), *more]
    objects = []
    for kind, instructions in kinds().items():
        objects += compiler.compile(
            [os.path.relpath(HERE / "c" / "kernels.c")],
            output_dir=str(folder / kind),
            extra_postargs=[*flags, *instructions],
        )
    objects += compiler.compile(
        [os.path.relpath(HERE / "c" / name) for name in OTHERS],
        output_dir=str(folder / "module"),
        macros=[("Py_LIMITED_API", "0x{:02x}{:02x}0000".format(*OLDEST))],
        include_dirs=[sysconfig.get_path("include")],
        extra_postargs=flags,
    )
    libraries = [] if sys.platform == "win32" else ["m", "pthread"]
    compiler.link_shared_object(
        objects, str(target), libraries=libraries, extra_postargs=more
    )
    return target


def kinds() -> dict[str, list[str]]:
    """Return the flags for each kind of processor that is compiled for."""
    found = {"portable": ["-DKIND=portable"]}
    x86 = {kind: shlex.split(flags) for kind, flags in X86.items()}
    if sys.platform == "darwin":
        # Perhaps for x86 and arm64 at once, or for the other one than this: each flag
        # is for x86 alone, and for arm64 there is nothing in these objects.
        for kind, flags in x86.items():
            found[kind] = ["-Wno-unused-command-line-argument"]
            found[kind] += [word for flag in flags for word in ("-Xarch_x86_64", flag)]
    elif platform.machine().lower() in ("x86_64", "amd64"):
        found |= x86
    return found


if __name__ == "__main__":  # beside the sources, to work on them
    os.chdir(HERE)  # where objects go depends on where the sources are, seen from here
    with tempfile.TemporaryDirectory() as made:
        source = HERE / "src" / "pebblegrad" / "kernels" / "_native.abi3.so"
        print(compile_native(Path(made), source))
