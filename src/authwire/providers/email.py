"""Magic links by SMTP, or by a ``send`` of your own."""

from authwire.providers._types import Email, VerificationRequest

__all__ = ["Email", "VerificationRequest"]
