# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m core``: the command line, and the worker that Blender starts."""

import sys

from .cli import main

sys.exit(main())
