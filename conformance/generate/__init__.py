"""Writes ``cases/`` and ``blobs/``: answers from the standard, by encoders of their own.

Nothing in this package asks pydcm what an answer is.
"""
