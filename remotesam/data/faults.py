"""What is wrong with one item of a data set."""


class Fault(ValueError):
    """One annotation, line or file cannot be used.

    Args:
        message: What was found and what is accepted, as the end of a sentence about the item: "has zero area".
        kind: One word to count by, see :class:`~remotesam.data.sources.records.Problem`.
    """

    def __init__(self, message: str, kind: str) -> None:
        super().__init__(message)
        self.kind = kind
