"""Our own version, for reports that name their tool and for what is cached."""

import importlib.metadata
from functools import cache


@cache
def version() -> str:
    """The installed version."""
    return importlib.metadata.version("commaok")
