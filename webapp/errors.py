"""The root of what the rules refuse."""


class DomainError(Exception):
    """A rule said no. Subclasses are named after the rule and stand beside the verb that raises
    them; they carry facts, no words: the route finds the words in the reader's language."""
