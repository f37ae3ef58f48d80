"""What to do where another tool changes the tables."""

from __future__ import annotations

from typing import Any, Final

__all__ = ["advice_for", "has_tables"]

_ADVICE: Final = {
    "django": "Django has migrations of its own: python manage.py migrate",
    "piccolo": "Piccolo has migrations of its own: piccolo migrations new APP --auto,"
    " then piccolo migrations forwards APP",
    "tortoise": "Tortoise has migrations of its own: tortoise makemigrations, then tortoise migrate",
    "peewee": "Peewee's migrations are functions of your own, see playhouse.migrate;"
    " authwire db check says what is missing, authwire db create makes missing tables",
}
"""By the package below ``authwire.adapters``."""


def advice_for(adapter: Any) -> str | None:
    """What to do instead of ``authwire db migrate``; None if there is nothing special to say.

    Args:
        adapter: the adapter, which may be of a subclass.
    """
    return next(filter(None, map(_ADVICE.get, _packages(adapter))), None)


def has_tables(adapter: Any) -> bool:
    """Whether it is a `SQLAlchemyAdapter`, found out without importing SQLAlchemy."""
    return "sqlalchemy" in _packages(adapter)


def _packages(adapter: Any) -> set[str]:
    """Those below ``authwire.adapters`` that the classes of ``adapter`` are from."""
    modules = [base.__module__.split(".") for base in type(adapter).__mro__]
    return {parts[2] for parts in modules if parts[:2] == ["authwire", "adapters"] and parts[2:]}
