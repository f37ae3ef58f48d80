"""The migrations of the app ``authwire``."""
