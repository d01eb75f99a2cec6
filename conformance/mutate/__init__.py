"""Mutation testing: proof that the cases would notice a wrong kernel.

A kernel's reference is changed in one place at a time (a comparison, a constant, a
statement that is left out), the changed function runs the cases that reach the kernel,
and at least one of them must fail. The source on disk is never touched: a mutant lives
in a child process for as long as its trial takes.
"""

from conformance.mutate.mutants import Mutant, mutants_of
from conformance.mutate.score import Score, score_kernels
from conformance.mutate.trial import Check, Verdict

__all__ = ["Check", "Mutant", "Score", "Verdict", "mutants_of", "score_kernels"]
