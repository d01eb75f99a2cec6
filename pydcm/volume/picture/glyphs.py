"""A font of 5 x 7 pixels, enough to label a picture."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["ADVANCE", "HEIGHT", "text_mask"]

HEIGHT = 7
ADVANCE = 6

_ROWS = """
A 0E11111F111111 B 1E11111E11111E C 0E11101010110E D 1E11111111111E E 1F10101E10101F
F 1F10101E101010 G 0E11101711110F H 1111111F111111 I 0E04040404040E J 0702020202120C
K 11121418141211 L 1010101010101F M 111B1515111111 N 11111915131111 O 0E11111111110E
P 1E11111E101010 Q 0E11111115120D R 1E11111E141211 S 0F10100E01011E T 1F040404040404
U 1111111111110E V 11111111110A04 W 1111111515150A X 11110A040A1111 Y 11110A04040404
Z 1F01020408101F a 00000E010F110F b 10101E1111111E c 00000F1010100F d 01010F1111110F
e 00000E111F100E f 06081E08080808 g 000F11110F010E h 10101E11111111 i 04000C0404040E
j 0200060202120C k 10101214181412 l 0C04040404040E m 00001A15151515 n 00001E11111111
o 00000E1111110E p 001E11111E1010 q 000F11110F0101 r 00001618101010 s 00000F100E011E
t 08081E08080806 u 0000111111110F v 00001111110A04 w 0000111115150A x 0000110A040A11
y 001111110F010E z 00001F0204081F 0 0E11131519110E 1 040C040404040E 2 0E11010204081F
3 1F02040201110E 4 02060A121F0202 5 1F101E0101110E 6 0608101E11110E 7 1F010204080808
8 0E11110E11110E 9 0E11110F01020C . 00000000000C0C , 000000000C0408 : 000C0C000C0C00
; 000C0C000C0408 - 0000001F000000 + 0004041F040400 = 00001F001F0000 / 01010204081010
( 02040808080402 ) 08040202020408 [ 0E08080808080E ] 0E02020202020E % 18190204081303
* 0004150E150400 _ 0000000000001F ' 04040800000000 " 0A0A0A00000000 ? 0E110102040004
! 04040404040004 < 02040810080402 > 08040201020408 # 0A0A1F0A1F0A0A & 0C12140815120D
^ 040A1100000000 ° 0C12120C000000 | 04040404040404 @ 0E11171517100E ~ 00000815020000
"""
"""Seven rows of five bits for each character, the leftmost pixel in the highest bit."""


@cache
def _font() -> dict[str, NDArray[np.bool_]]:
    words = _ROWS.split()
    font = {}
    for character, rows in zip(words[::2], words[1::2], strict=True):
        lines = np.frombuffer(bytes.fromhex(rows), np.uint8)
        font[character] = np.unpackbits(lines[:, np.newaxis], axis=1)[:, 3:].astype(np.bool_)
    font[" "] = np.zeros((HEIGHT, 5), np.bool_)
    return font


def text_mask(text: str, scale: int = 1) -> NDArray[np.bool_]:
    """Return where the pixels of a line of text are; unknown characters become ``?``.

    Parameters
    ----------
    text : str
        One line.
    scale : int
        Pixels for each pixel of the font.

    Examples
    --------
    >>> for row in text_mask("H"):
    ...     print("".join(" #"[int(pixel)] for pixel in row).rstrip())
    #   #
    #   #
    #   #
    #####
    #   #
    #   #
    #   #
    """
    font = _font()
    mask = np.zeros((HEIGHT, ADVANCE * len(text)), np.bool_)
    for place, character in enumerate(text):
        mask[:, ADVANCE * place : ADVANCE * place + 5] = font.get(character, font["?"])
    return mask.repeat(scale, axis=0).repeat(scale, axis=1)
