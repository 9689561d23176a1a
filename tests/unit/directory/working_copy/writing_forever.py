"""Imports the same two sources in turn until it is killed; tells each that is done."""

import sys
from pathlib import Path

from directory.working_copy.store import WorkingCopy
from tests.unit.directory.working_copy.sources import changed, source, take

SIZE = 400


def main() -> None:
    """Begins with the path of the working copy."""
    with WorkingCopy.open(Path(sys.argv[1])) as working:
        while True:
            for name in ("one", "two"):
                items = source(SIZE)
                for number in range(1, SIZE + 1):
                    items = changed(items, f"s{number}", name=name) if number % 97 == 0 else items
                report = take(working, items)
                print(report.run, name, flush=True)  # noqa: T201 -- told to the test


if __name__ == "__main__":
    main()
