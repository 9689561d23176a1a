"""Which tables an import lacked: rows name objects of a kind of which the source held none."""

from directory.open_referral.schemas import table_of
from directory.working_copy.dangling import Dangling
from directory.working_copy.report import ImportReport


def missing_tables(report: ImportReport) -> tuple[str, ...]:
    """The tables that rows were refused for want of, by name; of them the source held no row."""
    named = (Dangling.read(one.reason) for one in report.quarantine)
    wanted = {table_of(found.kind) for found in named if found and not found.refused}
    return tuple(sorted(table for table in wanted if table not in report.tables))


def in_words(tables: tuple[str, ...]) -> str:
    """What to do about missing tables; blank where none is."""
    if not tables:
        return ""
    several = len(tables) > 1
    which = f"the table{'s' * several} {' and '.join(tables)} {'are' if several else 'is'} missing"
    return f"{which}: import all tables together, as a folder or a zip"
