"""``python -m authwire.cli``."""

from __future__ import annotations

import sys

from authwire.cli import main

sys.exit(main())
