"""The single import surface of `fhir.resources` (R4B models), loaded model by model on first use.

The library costs about a second and 30 MB to import whole; nothing on the way of a submission may
touch it. R4B is the nearest release it ships to R4 4.0.1; what is built here is also checked
against R4 4.0.1 itself by the tests.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fhir.resources.R4B.bundle import Bundle
    from fhir.resources.R4B.capabilitystatement import CapabilityStatement
    from fhir.resources.R4B.healthcareservice import HealthcareService
    from fhir.resources.R4B.parameters import Parameters

__all__ = ["Bundle", "CapabilityStatement", "HealthcareService", "Parameters"]


def __getattr__(name: str) -> Any:
    """The R4B model class called `name`; AttributeError for a name that is not in `__all__`."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    model = getattr(import_module(f"fhir.resources.R4B.{name.lower()}"), name)
    globals()[name] = model
    return model
