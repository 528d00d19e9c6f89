"""Amounts of cpu and memory, as Kubernetes writes them."""

from __future__ import annotations

import re
from decimal import ROUND_UP, Decimal, InvalidOperation

_SUFFIXES = {
    "Ki": Decimal(2**10),
    "Mi": Decimal(2**20),
    "Gi": Decimal(2**30),
    "Ti": Decimal(2**40),
    "Pi": Decimal(2**50),
    "Ei": Decimal(2**60),
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    "k": Decimal("1e3"),
    "M": Decimal("1e6"),
    "G": Decimal("1e9"),
    "T": Decimal("1e12"),
    "P": Decimal("1e15"),
    "E": Decimal("1e18"),
}


def parse_quantity(text: str | float) -> Decimal:
    """Return the amount in units (cores, bytes): `20m` is 0.02, `50Mi` 52428800; ValueError otherwise."""
    written = str(text)
    for suffix, factor in _SUFFIXES.items():
        if written.endswith(suffix):
            return _number(written.removesuffix(suffix)) * factor
    return _number(written)


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(f"not a quantity: {text!r}") from None


_QUANTITY = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?(?:([KMGTPE]i)|([numkMGTPE]?)|[eE]([+-]?[0-9]+))")
_BINARY = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_DECIMAL = {-9: "n", -6: "u", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T", 15: "P", 18: "E"}
_EXPONENTS = {suffix: exponent for exponent, suffix in _DECIMAL.items()}
_BINARY_STEP = 1024


def canonical_quantity(text: str) -> str:
    """Return the amount as the API server writes it: `0.5` is `500m`, `1024Mi` is `1Gi`; ValueError.

    After ParseQuantity and CanonicalizeBytes of k8s.io/apimachinery/pkg/api/resource: a text that is taken
    for canonical stays as it is, even where it is not quite.
    """
    found = _QUANTITY.fullmatch(text)
    if found is None or not (found[2] or found[3]):
        raise ValueError(f"not a quantity: {text!r}")
    sign, whole, fraction, binary, decimal, exponent = found.groups()
    digits = (whole or "") + (fraction or "")
    if binary and not fraction and int(digits) % 8:
        return text
    scale = int(exponent) if exponent else _EXPONENTS.get(decimal or "", 0)
    shift = scale - len(fraction or "")
    if not binary and shift % 3 == 0 and not digits.endswith("000") and digits[0] != "0":
        return text
    value = Decimal(f"{sign}{whole or 0}.{fraction or 0}")
    value *= Decimal(_BINARY_STEP) ** _BINARY.index(binary) if binary else Decimal(10) ** scale
    if not value:
        return "0"
    if binary and abs(value) >= _BINARY_STEP and value == value.to_integral_value():
        return _in_binary(int(value))
    return _in_decimal(value, exponent=bool(exponent))


def _in_binary(value: int) -> str:
    step = 0
    while value % _BINARY_STEP == 0 and step + 1 < len(_BINARY):
        value //= _BINARY_STEP
        step += 1
    return f"{value}{_BINARY[step]}"


def _in_decimal(value: Decimal, *, exponent: bool) -> str:
    smallest = value.scaleb(9).to_integral_value(ROUND_UP)
    number, power = int(smallest), -9
    while number % 1000 == 0 and power < max(_DECIMAL):
        number //= 1000
        power += 3
    if exponent:
        return f"{number}e{power}" if power else str(number)
    return f"{number}{_DECIMAL[power]}"
