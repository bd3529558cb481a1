"""The error for a file that cannot be used, shared by everything that decodes."""

from __future__ import annotations


class UnreadableError(ValueError):
    """An image file that cannot be used; the message says why in a few words and never repeats what a header says.

    Attributes:
        kind: the reason as files with the same one are counted: ``corrupt``, ``several pages``, ….
    """

    def __init__(self, message: str, kind: str = "corrupt") -> None:
        super().__init__(message)
        self.kind = kind
