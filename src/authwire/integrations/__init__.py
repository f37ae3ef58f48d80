"""One module for each framework. Import the one you need; each needs its own extra."""
