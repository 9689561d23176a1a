"""FHIRPath of a questionnaire: evaluated under limits, in the scope of a place in a response."""
