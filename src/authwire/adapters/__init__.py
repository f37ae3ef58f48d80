"""Adapters: one module for each kind of database. Import the one you use; none is loaded here."""
