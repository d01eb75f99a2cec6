"""Where the types of the attributes stand: ``ds.Rows`` is an int.

The stub beside this module declares one attribute for each keyword of the data
dictionary (PS3.6). It is for type checkers alone: at run time the attributes
come from the dictionary, and nothing is loaded for their types.
"""

from __future__ import annotations

__all__ = ["Keywords"]


class Keywords:
    """The attributes of a :class:`~pydcm.dataset.Dataset`, as type checkers see them."""
