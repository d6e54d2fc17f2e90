"""An act that the rules or the school's state do not allow, in words for whoever tried it."""

from django.utils.functional import Promise


class ActRefusedError(Exception):
    """An act was attempted that the rules or the state of things do not allow; nothing was changed.

    `message` is a sentence in the reader's language that says what stands in the way; `clause` is the regulation's.
    """

    def __init__(self, message: str | Promise, clause: str = "") -> None:
        """Keep the sentence untranslated until somebody reads it."""
        super().__init__(message)
        self.message = message
        self.clause = clause

    def __str__(self) -> str:
        """The sentence in the active language."""
        return str(self.message)
