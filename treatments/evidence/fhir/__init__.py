"""A patient's record, and a case report, as bundles of FHIR R4 (4.0.1), for another system. See docs/fhir.md."""
