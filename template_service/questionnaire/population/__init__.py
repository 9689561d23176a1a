"""Filling in a questionnaire from what is already known: HL7 SDC "Form population".

`populate.populate` is the way in. Nothing is ever fetched: what may be used is what the caller's
context holds.
"""
