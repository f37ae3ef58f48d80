"""What drives the core: an event loop, a plain thread, and the ways out to HTTP and mail."""

from authwire.runtime.anyio import AnyioRuntime
from authwire.runtime.http import AsyncHttp, SyncHttp
from authwire.runtime.inline import InlineRuntime, drive
from authwire.runtime.mail import AioSmtpMailer, SmtplibMailer
from authwire.runtime.portal import PortalRuntime

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
