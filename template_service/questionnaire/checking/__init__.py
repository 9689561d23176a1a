"""A Questionnaire looked at more closely than compiling it needs: what its author should know.

`check.check` is the way in; each of the other modules knows one kind of mistake.
"""
