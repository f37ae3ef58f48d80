"""The same two routes in each framework, bare and with Authwire, and how an app is asked in process.

==============  =================================================================================
``/open``       does not look at the session
``/protected``  only for people who are signed in; reads the session
==============  =================================================================================

Both answer with the same user as JSON. The routes of Authwire are added first, as in its documentation:
some routers look at one after the other. A module for each framework has ``FRAMEWORKS``: by name, what
builds the app and what asks it. A new module is found by itself.
"""

from __future__ import annotations

from pkgutil import iter_modules

__all__ = ["MODULES"]

MODULES = tuple(module.name for module in iter_modules(__path__) if not module.name.startswith("_"))
"""Not imported here: each is measured in a process of its own, and some packages may be missing."""
