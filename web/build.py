"""Build the web application where its sources have changed since the last time, or check it.

``make run`` builds if it can and goes on if it cannot: the server then says at ``/`` what to do. ``make web`` and
``make test`` insist.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

WEB = Path(__file__).resolve().parent
BUILT = WEB.parent / "api" / "static"
BUILD_STAMP = BUILT / "sources.sha256"
INSTALL_STAMP = WEB / "node_modules" / ".lock.sha256"
OLDEST_NODE = (20, 19)
# What goes into the bundle: changed tests and browser tests do not build it anew.
_CONFIGURATION = (
    "package.json",
    "package-lock.json",
    "index.html",
    "tsconfig.json",
    "vite.config.ts",
    "licences.ts",
    "literalWords.ts",
    "silentIcons.ts",
    "vendorColours.ts",
    "vendorWords.ts",
)
_FOLDERS = ("src", "public", "scripts")
_NPM = ("npm", "--no-update-notifier", "--loglevel=error")


class CannotBuildError(Exception):
    """Why there will be no web application; the message is for the reader, in both languages."""


def main() -> int:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=("build", "install", "types", "check", "test"), nargs="?", default="build")
    parser.add_argument("--if-possible", action="store_true", help="go on without, where it cannot be built")
    arguments = parser.parse_args()
    tasks = {"build": build, "install": install, "types": write_types, "check": check, "test": test}
    try:
        tasks[arguments.task]()
    except CannotBuildError as error:
        print(error, file=sys.stderr)
        return 0 if arguments.if_possible else 1
    except subprocess.CalledProcessError as error:
        command = " ".join(error.cmd)
        print(f"失败 / failed: (cd web && {command})", file=sys.stderr)
        return 0 if arguments.if_possible else 1
    return 0


def build() -> None:
    """Build into the Python package, unless that is what stands there."""
    digest = digest_of(sources())
    if BUILD_STAMP.is_file() and BUILD_STAMP.read_text() == digest:
        return
    install()
    print("正在构建网页界面…… / Building the web application ...", flush=True)
    run(*_NPM, "run", "--silent", "build")
    BUILD_STAMP.write_text(digest)


def install() -> None:
    """Install what the lock file pins, unless that is what is installed."""
    require_node()
    digest = digest_of([WEB / "package-lock.json"])
    if INSTALL_STAMP.is_file() and INSTALL_STAMP.read_text() == digest:
        return
    print("正在安装网页界面的依赖（首次约一两分钟）…… / Installing the web application's dependencies ...", flush=True)
    run(*_NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    INSTALL_STAMP.write_text(digest)


def write_types() -> None:
    """Generate ``src/api/schema.d.ts`` from the API as it is."""
    install()
    run(sys.executable, "-m", "server.cli", "openapi", str(WEB / "openapi.json"), folder=WEB.parent)
    run(*_NPM, "run", "--silent", "types")


def check() -> None:
    """The types of the API must be fresh, and the application must compile."""
    types = WEB / "src" / "api" / "schema.d.ts"
    before = types.read_bytes()
    write_types()
    if types.read_bytes() != before:
        raise CannotBuildError(
            "web/src/api/schema.d.ts 与接口不一致，现已更新；请一并提交。\n"
            "web/src/api/schema.d.ts was not what the API says; it has been written anew: commit it."
        )
    run(*_NPM, "run", "--silent", "check")


def test() -> None:
    """The tests that need no browser."""
    install()
    run(*_NPM, "run", "--silent", "test")


def sources() -> list[Path]:
    """Every file that the bundle is made of, in a fixed order."""
    files = [WEB / name for name in _CONFIGURATION]
    for folder in _FOLDERS:
        files += sorted(path for path in (WEB / folder).rglob("*") if path.is_file() and ".test." not in path.name)
    return files


def digest_of(files: Iterable[Path]) -> str:
    """One digest of the names and contents of files."""
    digest = hashlib.sha256()
    for file in files:
        content = file.read_bytes()
        digest.update(f"{file.relative_to(WEB)}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def require_node() -> None:
    """Raise :class:`CannotBuildError` where Node.js is missing or too old."""
    node = shutil.which("node")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout if node else ""
    numbers = tuple(int(number) for number in re.findall(r"\d+", version)[:2])
    if numbers < OLDEST_NODE or not shutil.which("npm"):
        found = version.strip() or "-"
        raise CannotBuildError(
            f"未构建网页界面：需要 Node.js 20.19 或更高版本及 npm（现有：{found}）。安装后执行 make web。\n"
            f"The web application was not built: it takes Node.js 20.19 or later, and npm (found: {found}). "
            "Install them, then run make web."
        )


def run(*command: str, folder: Path = WEB) -> None:
    """Run a command of ours; raises where it fails."""
    subprocess.run(command, cwd=folder, check=True)


if __name__ == "__main__":
    sys.exit(main())
