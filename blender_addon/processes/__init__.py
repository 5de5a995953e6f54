# SPDX-License-Identifier: GPL-3.0-or-later
"""Child processes that never make Blender wait: the worker, and what reads frames."""
