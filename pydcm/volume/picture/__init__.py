"""Draws volumes: how they lie in the patient, windows, and montages with text."""
