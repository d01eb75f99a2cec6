"""Seeded inputs that every implementation of the kernels must answer alike.

An input is damaged on purpose, and so is its answer compared on purpose: the same values, or
the same exception with the same message.
"""
