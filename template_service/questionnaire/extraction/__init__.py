"""A response made into the resources its questionnaire says it holds: HL7 SDC, extraction."""
