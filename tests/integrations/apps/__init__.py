"""The same small app, written for each framework in its own way: a module for each.

=============  ==================================================================================
``/``          everybody; says who is there
``/me``        people who are signed in
``/ada``       only Ada
``/twice``     reads the session twice
``/vault/…``   protected by path, but not ``/vault/open``
``/enter``     POST: the app's own sign-in form
``/leave``     POST: the app's own sign-out button
``/rename``    POST: updates the session on the server
``/quit``      reads the session, then signs out
=============  ==================================================================================

A module has ``BUILDERS``: by name, what makes the app from a config and returns a browser for it.
"""

from __future__ import annotations

import os
from importlib import import_module
from pkgutil import iter_modules

from tests.integrations.apps._common import Builder, Built

__all__ = ["BUILDERS", "Builder", "Built"]

ONLY = os.environ.get("TEST_FRAMEWORK")
"""The one module to use, where only its framework is installed: noxfile.py says so."""

BUILDERS: dict[str, Builder] = {
    name: builder
    for module in iter_modules(__path__)
    if not module.name.startswith("_") and ONLY in (None, module.name)
    for name, builder in import_module(f"{__name__}.{module.name}").BUILDERS.items()
}
