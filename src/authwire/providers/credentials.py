"""User name and password, or whatever else your own ``authorize`` can judge."""

from authwire.providers._types import Credentials

__all__ = ["Credentials"]
