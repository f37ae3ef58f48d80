"""``authwire openapi``: the auth routes as an OpenAPI document."""

from __future__ import annotations

import argparse
import json

from authwire.openapi import openapi

__all__ = ["document"]


def document(options: argparse.Namespace) -> str:
    """The document in JSON, of the defaults: ``authwire.openapi`` knows that of an `Auth`."""
    return json.dumps(openapi(options.base_path, secure=options.secure), indent=2)
