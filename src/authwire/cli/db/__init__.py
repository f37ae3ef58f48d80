"""``authwire db``: prepares the database of an app, and keeps it tidy."""
