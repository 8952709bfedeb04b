"""What can be wrong with a triplet set."""


class TripletSetError(ValueError):
    """A triplet set cannot be written or read.

    Args:
        message: The file, what was found and what is accepted.
        kind: One word: "missing", "checksum", "truncated", "version", "format", "size", "incomplete", "settings",
            "index" or "unreadable".
    """

    def __init__(self, message: str, *, kind: str = "format") -> None:
        super().__init__(message)
        self.kind = kind

    def __reduce__(self) -> tuple[object, ...]:
        return _restore, (str(self), self.kind)  # data workers hand errors over pickled


def _restore(message: str, kind: str) -> TripletSetError:
    return TripletSetError(message, kind=kind)
