"""What a call did, in a form in which two implementations can be compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from pydcm.errors import PydcmError
from tests.recording import recorded

# What callers of the compatible API may catch, most special first.
BUILTINS = (OverflowError, ArithmeticError, TypeError, ValueError, LookupError, AttributeError)


class Outcome(NamedTuple):
    """What came of a call.

    Attributes
    ----------
    value : object
        The class, both texts and the attributes of what was returned, or None.
    raised : frozenset of type
        The classes of `BUILTINS` that catch what was raised.
    warned : int
        How many warnings of class UserWarning there were.
    """

    value: object
    raised: frozenset[type]
    warned: int


def outcome(call: Callable[[], object], attributes: tuple[str, ...] = ()) -> Outcome:
    """Call and tell what came of it."""
    with recorded() as caught:
        try:
            result = call()
            # Some values decode their text only now, and warn about it.
            shown = {name: getattr(result, name) for name in attributes if hasattr(result, name)}
            value = (type(result).__name__, repr(result), str(result), shown)
        except (*BUILTINS, PydcmError) as error:
            kinds = frozenset(kind for kind in BUILTINS if isinstance(error, kind))
            return Outcome(None, kinds, len(caught))
    assert all(warning.category is UserWarning for warning in caught)
    return Outcome(value, frozenset(), len(caught))


def agree(ours: Outcome, theirs: Outcome) -> bool:
    """Whether code that works with `theirs` works with `ours`."""
    if theirs.raised:
        return ours.value is None and theirs.raised <= ours.raised
    return ours == theirs
