"""stub"""


def log_exception(error: BaseException) -> None:
    """Stub."""
