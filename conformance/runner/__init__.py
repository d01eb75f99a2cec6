"""Runs pydcm's own implementations over the cases, and reports."""
