"""Draws what was decoded; the one part of the command line that works on arrays."""
