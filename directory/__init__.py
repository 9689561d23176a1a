"""The directory of services: places, services, who each is for, and which of them fit a person.

Usable without the service around it; knows nothing of patients.
"""
