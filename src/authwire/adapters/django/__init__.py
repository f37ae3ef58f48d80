"""Django's ORM, sync and async: an app for ``INSTALLED_APPS`` and two adapters.

For example::

    INSTALLED_APPS = [..., "authwire.adapters.django"]

    adapter = DjangoAdapter()  # AsyncDjangoAdapter() under ASGI

The models are in ``.models``, abstract ones to build your own from in ``.abstract``: Django loads
models only once it knows all apps, so they cannot be imported from here.
"""

from __future__ import annotations

try:
    import django as _django  # type: ignore[import-untyped]  # Django has no types
except ModuleNotFoundError as exc:
    raise ImportError("DjangoAdapter needs Django: pip install 'authwire[django]'") from exc

from authwire.adapters.django.adapter import DjangoAdapter
from authwire.adapters.django.asynchronous import AsyncDjangoAdapter
from authwire.adapters.django.store import Models
from authwire.adapters.django.users import UserDeactivated

__all__ = ["AsyncDjangoAdapter", "DjangoAdapter", "Models", "UserDeactivated"]

del _django
