# SPDX-License-Identifier: GPL-3.0-or-later
"""What lies on disk: frames, the cache, and files that are whole or absent. Free of bpy and torch."""
