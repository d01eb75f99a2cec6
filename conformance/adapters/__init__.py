"""Programs that put the cases to DICOM tools; see protocol.md.

Each is run as ``python -m conformance.adapters.NAME``.
"""
