# SPDX-License-Identifier: GPL-3.0-or-later
"""The extension in a real window of Blender, worked with mouse and keys. Needs root; see ``window.py``."""
