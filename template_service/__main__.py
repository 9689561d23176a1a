"""`python -m template_service` is `template-service`."""

from template_service.cli import main

main(prog_name="template-service")
