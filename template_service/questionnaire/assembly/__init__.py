"""Modular questionnaires put together (SDC $assemble).

https://hl7.org/fhir/uv/sdc/modular.html says how; `assemble.assemble` is the way in.
"""
