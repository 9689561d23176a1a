"""The addresses of the reports, and what each says where there is nothing to report.

What is behind them needs the libraries of the extra `reports`, so a page's module is imported when
somebody first opens it; a server starts, and does all else, without them.
"""

from collections.abc import Callable
from importlib import import_module

from flask import render_template
from flask.typing import ResponseReturnValue

from template_service.aggregates.kept_figures import ReportingNotInstalled, reporting
from template_service.errors import Invalid, NotFound, ServiceError
from template_service.web.blueprint import blueprint

# Address, endpoint, and the module whose `page` answers it.
_PAGES = (
    ("/reports", "reports", "reports_overview"),
    ("/reports/city", "city_report", "reports_area"),
    ("/reports/pcn/<code>", "pcn_report", "reports_area"),
    ("/reports/city/files/<name>", "city_report_file", "reports_files"),
    ("/reports/pcn/<code>/files/<name>", "pcn_report_file", "reports_files"),
    ("/reports/gradient", "gradient", "reports_gradient"),
    ("/reports/equity", "equity", "reports_equity"),
    ("/reports/gaps", "gaps", "reports_gaps"),
    ("/reports/compare", "compare", "reports_compare"),
    ("/reports/indicators", "indicators", "reports_indicators"),
    ("/reports/indicators/<int:number>", "indicator", "reports_indicator"),
    ("/reports/releases/<release_id>", "release", "reports_release"),
    ("/reports/releases/<release_id>/<path:name>", "release_file", "reports_release_file"),
)


def _view(module: str) -> Callable[..., ResponseReturnValue]:
    def view(**place: str | int) -> ResponseReturnValue:
        try:
            with reporting():
                page = import_module(f"template_service.web.{module}").page
            answer: ResponseReturnValue = page(**place)
        except Invalid as wrong:
            return _instead("This cannot be shown", wrong.message, 400)
        except NotFound as missing:
            return _instead("Not found", missing.message, missing.status)
        except ReportingNotInstalled as missing:
            return _instead(missing.title, _INSTALL, missing.status)
        except ServiceError as failed:
            # What other pages say of a store that fails is about saving; here nothing is saved.
            if failed.status < 500:
                raise
            return _instead("This cannot be shown just now", failed.message, failed.status)
        return answer

    return view


_INSTALL = (
    "Whoever runs this server can add it: pip install 'template-service[reports]', then start the"
    " service again."
)


def _instead(heading: str, line: str, status: int) -> tuple[str, int]:
    return render_template("web/reports/instead.html", heading=heading, line=line), status


for _address, _endpoint, _module in _PAGES:
    blueprint.add_url_rule(_address, _endpoint, _view(_module))
