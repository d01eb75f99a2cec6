"""Hostile input: only `PydcmError` escapes, memory is bounded and nothing hangs."""
