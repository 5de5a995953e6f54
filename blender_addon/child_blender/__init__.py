# SPDX-License-Identifier: GPL-3.0-or-later
"""What a child Blender runs: it reads frames and exact motion from a copy of the editor's file."""
