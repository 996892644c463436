"""Decimal numbers in text, parsed many at a time: eight digits at once in a 64-bit word, all cells at once.

The text is never looked at byte by byte in Python. Separators give the cells; the eight bytes at a cell's
start hold its integer part and its point, the eight or sixteen after the point its fraction. What does not
fit this form (more than eight digits before the point, blanks, words) is rare in real files and is parsed
cell by cell. Results agree with correctly rounded ones to within one unit in the last place of a float32.
"""

import numpy as np
import numpy.typing as npt

from clary.toolkit.batch import Floats

Positions = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]

_COMMA, _NEWLINE, _PLUS, _MINUS, _ZERO, _E, _LOWER = 44, 10, 43, 45, 48, 101, 0x20
_PAD = b"\n" + b" " * 24  # ends the last cell, and lets words be read beyond it
_SHORT = 4096  # bytes below which a plain parser is the faster one
_RARE = 16  # one cell in so many may be odd before a plain parser is the faster one

_NIBBLES = np.uint64(0x0F0F0F0F0F0F0F0F)
_POINTS = np.uint64(0x2E2E2E2E2E2E2E2E)
_ONES = np.uint64(0x0101010101010101)
_HIGH = np.uint64(0x8080808080808080)
_BYTES_0_4 = np.uint64(0x000000FF000000FF)
_MILLIONS = np.uint64(100 + (1_000_000 << 32))
_UNITS = np.uint64(1 + (10_000 << 32))
_POWERS = 10.0 ** np.arange(-99, 100)


def parse(text: bytes) -> tuple[Floats, Positions]:
    """Return the numbers between commas and line breaks, and the position where each of their cells ends.

    The end of ``text`` ends the last cell. Raises ValueError when a cell is not a number.
    """
    cells = _Cells(text + _PAD, len(text) + 1)
    if len(text) < _SHORT:
        return _plainly(text, len(cells.ends)), cells.ends
    cells.measure()
    odd = cells.odd()
    if len(odd) * _RARE > len(cells.ends):
        return _plainly(text, len(cells.ends)), cells.ends
    values = cells.values()
    numbers = [_number(text[cells.first[cell] : cells.ends[cell]]) for cell in odd]
    with np.errstate(over="ignore"):  # what is too large becomes infinite, which is for the caller to judge
        values[odd] = np.array(numbers, np.float64)
    return values, cells.ends


class _Cells:
    """The cells of a text; every array has one element for each cell.

    Call ``measure``, then ``odd``, then ``values``.
    """

    def __init__(self, padded: bytes, size: int) -> None:
        self._codes = np.frombuffer(padded, np.uint8, size)
        # The eight bytes from each position on; NumPy reads them unaligned.
        self._words: Words = np.ndarray((size + 16,), "<u8", padded, 0, (1,))
        separators = self._codes == _COMMA
        separators |= self._codes == _NEWLINE
        self.ends = np.flatnonzero(separators)
        self.first = np.empty_like(self.ends)
        self.first[0] = 0
        np.add(self.ends[:-1], 1, out=self.first[1:])

    def _exponents(self) -> Mask:
        """Tell which cells end in an exponent of two digits, ``e-05``, as numbers are usually printed."""
        place = np.maximum(self.ends - 4, 0)
        found = (self._codes[place] | _LOWER) == _E
        found &= place > self._starts
        if found.any():
            sign = self._codes[place + 1]
            found &= (sign == _PLUS) | (sign == _MINUS)
        return np.asarray(found, np.bool_)

    def measure(self) -> None:
        """Find sign, point and exponent of each cell; lengths are in bits, eight to a digit."""
        self._negative = self._codes[self.first] == _MINUS
        self._starts = self.first + self._negative
        self._exponent = self._exponents()
        head = self._words[self._starts]
        marks = head ^ _POINTS
        # The lowest zero byte, which was a point, becomes the lowest set bit.
        marks = (marks - _ONES) & ~marks & _HIGH
        marks &= ~marks + np.uint64(1)
        whole = (marks.astype(np.float64).view(np.int64) >> 52) - 1023 & 0x78
        whole |= (marks == 0).astype(np.int64) << 6
        length = self.ends - self._starts - 4 * self._exponent << 3
        np.minimum(whole, length, out=whole)
        self._pointed = (length > whole) & (whole < 64)
        self._head, self._whole, self._length = head, whole, length
        self._fraction = length - whole - (self._pointed.astype(np.int64) << 3)

    def odd(self) -> Positions:
        """Return the cells that are not of the usual form."""
        wrong = self._length - (self._pointed.astype(np.int64) << 3) <= 0  # no digit
        wrong |= (self._whole == 64) & (self._length > 64)  # eight digits and no point yet
        long = np.flatnonzero(self._fraction > 128)
        if len(long):  # sixteen digits after the point are enough unless zeros lead them
            wrong[long] |= self._words[self._starts[long] + 2] & _NIBBLES == 0
        strange = self._codes - np.uint8(_ZERO) > 9
        expected = len(self.ends) + sum(
            int(np.count_nonzero(mask)) * weight
            for mask, weight in ((self._pointed, 1), (self._negative, 1), (self._exponent, 2))
        )
        if np.count_nonzero(strange) != expected:
            wrong[self._holding(self._unexplained(strange))] = True
        return np.flatnonzero(wrong)

    def _unexplained(self, strange: Mask) -> Positions:
        """Return the positions that are neither digits nor part of a cell's usual form."""
        strange[self.ends] = False
        strange[(self._starts + (self._whole >> 3))[self._pointed]] = False
        strange[self.first[self._negative]] = False
        place = self.ends[self._exponent] - 4
        strange[place] = False
        strange[place + 1] = False
        return np.flatnonzero(strange)

    def _holding(self, positions: Positions) -> Positions:
        return np.searchsorted(self.ends, positions)

    def values(self) -> Floats:
        """Return the numbers; those of odd cells are meaningless."""
        head = self._head & _NIBBLES
        head <<= (64 - self._whole).view(np.uint64)
        values = _eight_digits(head).astype(np.float64)
        at = self._starts + (self._whole >> 3) + self._pointed
        values += self._digits(at, self._fraction) * 1e-8
        long = np.flatnonzero(self._fraction > 64)
        if len(long):
            values[long] += self._digits(at[long] + 8, self._fraction[long] - 64) * 1e-16
        if self._exponent.any():
            values[self._exponent] *= self._powers()
        with np.errstate(over="ignore"):
            result = values.astype(np.float32)
        result.view(np.uint32)[:] |= self._negative.astype(np.uint32) << np.uint32(31)
        return result

    def _digits(self, at: Positions, bits: Positions) -> npt.NDArray[np.float64]:
        """Return the eight digits at ``at`` as numbers, zeros in place of those beyond ``bits``."""
        words = self._words[at]
        words &= _NIBBLES
        surplus = (64 - np.minimum(bits, 64)).view(np.uint64)
        words <<= surplus
        words >>= surplus
        return _eight_digits(words).astype(np.float64)

    def _powers(self) -> npt.NDArray[np.float64]:
        ends = self.ends[self._exponent]
        tens, units = (self._codes[ends - place].astype(np.int64) - _ZERO for place in (2, 1))
        power = 10 * tens + units
        power = np.where(self._codes[ends - 3] == _MINUS, -power, power)
        return np.take(_POWERS, power + 99)


def _eight_digits(words: Words) -> Words:
    """Replace words of eight digits, the first in the lowest byte, by the numbers they write."""
    units = words >> np.uint64(8)
    words *= np.uint64(10)
    words += units  # two digits in every other byte
    units = words >> np.uint64(16)
    units &= _BYTES_0_4
    units *= _UNITS
    words &= _BYTES_0_4
    words *= _MILLIONS
    words += units
    words >>= np.uint64(32)
    return words


def _plainly(text: bytes, cells: int) -> Floats:
    values = np.fromstring(text.replace(b"\n", b","), dtype=np.float32, sep=",")
    if len(values) != cells:
        raise ValueError("a cell is empty")
    return values


def _number(cell: bytes) -> float:
    if b"_" in cell:  # Python reads 1_000 as a number
        raise ValueError(cell)
    return float(cell)
