"""The fifteen Fairer, Healthier Leeds (Marmot city) indicators: registry, import and reading.

They are published by others and shown beside the template's domains, never computed from answers.
"""
