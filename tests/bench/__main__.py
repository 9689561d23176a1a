"""`make bench`: every figure, or the one named, as JSON lines on stdout."""

import sys
from collections.abc import Callable, Iterator

from tests.bench.aggregates import close_1m_s, close_50m_s
from tests.bench.audit import audit_leeds_s
from tests.bench.directory import import_4k_s, publish_s, reimport_4k_s
from tests.bench.engine import postcode_lookup_us, validate_score_60_ms
from tests.bench.expressions import compile_500_ms, recalculate_1000_ms
from tests.bench.figures import Figure
from tests.bench.footprint import cold_start_s, first_page_kb, worker_mb
from tests.bench.geography import geography_import_s
from tests.bench.match import match_5k_p95_ms, match_100k_p95_ms
from tests.bench.reports import pcn_report_s, reports_all_s
from tests.bench.search import search_5k_p95_ms, search_100k_p95_ms
from tests.bench.submit import submit_cpu_ms

FIGURES: dict[str, Callable[[], Iterator[Figure]]] = {
    function.__name__: function
    for function in (
        submit_cpu_ms,
        validate_score_60_ms,
        compile_500_ms,
        recalculate_1000_ms,
        match_5k_p95_ms,
        match_100k_p95_ms,
        search_5k_p95_ms,
        search_100k_p95_ms,
        postcode_lookup_us,
        geography_import_s,
        import_4k_s,
        reimport_4k_s,
        publish_s,
        cold_start_s,
        worker_mb,
        first_page_kb,
        close_1m_s,
        close_50m_s,
        audit_leeds_s,
        pcn_report_s,
        reports_all_s,
    )
}


def main(names: list[str]) -> None:
    """Prints the figures; a goal that is missed is in the line, not in the exit code."""
    unknown = [name for name in names if name not in FIGURES]
    if unknown:
        sys.exit(f"Unknown figure {', '.join(unknown)}; there are: {', '.join(FIGURES)}")
    for name in names or FIGURES:
        for figure in FIGURES[name]():
            sys.stdout.write(f"{figure.line()}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
