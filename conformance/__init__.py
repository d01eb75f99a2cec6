"""Conformance cases for DICOM tools, what makes them, and what runs them; see README.md."""
