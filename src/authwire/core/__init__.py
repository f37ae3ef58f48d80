"""One request, top to bottom. Start reading at `handle`."""
