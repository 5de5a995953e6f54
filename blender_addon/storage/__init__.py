# SPDX-License-Identifier: GPL-3.0-or-later
"""Files and folders on disk: painted frames, favourites, style pictures."""
