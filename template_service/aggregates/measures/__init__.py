"""The released figures as FHIR R4 says them: a Measure for each share, reports for each area.

`definitions` and `report_ids` need no library of the extra `reports`; the rest of the room does.
"""
