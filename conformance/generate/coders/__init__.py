"""Encoders of code streams, each as plainly as its standard says it."""
