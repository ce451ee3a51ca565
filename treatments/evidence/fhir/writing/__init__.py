"""How a resource is written: types of FHIR as plain dicts, codes, narrative, and the list that the resources go into.

Nothing here knows a model.
"""
