"""Migrations of the default tables. Piccolo imports them by their file names."""
