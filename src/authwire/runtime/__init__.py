"""What drives the core: an event loop, a plain thread, and the ways out to HTTP and mail."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from authwire.runtime.anyio import AnyioRuntime
from authwire.runtime.http import AsyncHttp, SyncHttp
from authwire.runtime.inline import InlineRuntime, drive
from authwire.runtime.portal import PortalRuntime

if TYPE_CHECKING:
    from authwire.runtime.mail import AioSmtpMailer, SmtplibMailer

__all__ = [
    "AioSmtpMailer",
    "AnyioRuntime",
    "AsyncHttp",
    "InlineRuntime",
    "PortalRuntime",
    "SmtplibMailer",
    "SyncHttp",
    "drive",
]


def __getattr__(name: str) -> Any:
    """Load the mailers on first use (PEP 562): most apps send no mail, and `email` is large."""
    if name not in ("AioSmtpMailer", "SmtplibMailer"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.mail"), name)
