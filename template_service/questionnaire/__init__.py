"""What the service knows about questionnaires: compiled forms, answers, validation, scoring.

Nothing here knows Flask or the store, and no question, option, weight or threshold is written in
code: they come from the Questionnaire.
"""
