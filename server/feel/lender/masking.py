"""Masking of identity numbers, phones and bank cards for screens, messages and exports.

What is kept is what a clerk needs to tell two customers apart. A text too short to keep anything of becomes stars
altogether: masking never reveals a number because somebody mistyped it.
"""

from __future__ import annotations

from server.feel.signatures import Library

MASKING = Library()


@MASKING.builtin("mask id number", "text: string", "string")
def _mask_id_number(text: str) -> str:
    """The first three and the last four: region of a province, and the end that people know by heart."""
    return hidden_but_ends(text.strip(), 3, 4)


@MASKING.builtin("mask phone", "text: string", "string")
def _mask_phone(text: str) -> str:
    return hidden_but_ends(text.strip(), 3, 4)


@MASKING.builtin("mask card", "text: string", "string")
def _mask_card(text: str) -> str:
    """The last four of a card number, whatever spaces it is written with."""
    return hidden_but_ends("".join(text.split()), 0, 4)


def hidden_but_ends(text: str, first: int, last: int) -> str:
    """``text`` with stars between its ends; at least as much is hidden as is shown of the longer end."""
    hidden = len(text) - first - last
    if hidden < max(first, last):
        return "*" * len(text)
    return text[:first] + "*" * hidden + text[len(text) - last :]
