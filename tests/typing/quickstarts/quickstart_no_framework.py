"""The first program of docs/quickstart.md#no-framework, with all types. Never run: mypy and pyright read it."""

from __future__ import annotations

from authwire import Auth, AuthConfig, SyncAuth
from authwire.providers import GitHub

config = AuthConfig(providers=[GitHub])
asgi_app = Auth(config).asgi
wsgi_app = SyncAuth(config).wsgi
