"""Puts the cases to DICOM tools, and says how each fares; see protocol.md."""
