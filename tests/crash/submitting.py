"""A process that submits to a store until it is killed, telling each submission once it is safe.

Run as `python -m tests.crash.submitting STORE KEYS PERSON`.
"""

import sys
from pathlib import Path

from template_service.records.keys import Keys
from template_service.records.store import Store
from tests.unit.records.practice import submit


def main(path: str, keys: str, person_id: str) -> None:
    """Submit for ever; every line on stdout is a response that was committed."""
    store = Store.open(path, Keys.load(Path(keys)))
    while True:
        with store.write() as conn:
            saved = submit(conn, person_id, body=b"x" * 5000)
        sys.stdout.write(f"{saved.head.response_id}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
