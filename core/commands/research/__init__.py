# SPDX-License-Identifier: GPL-3.0-or-later
"""The research bench: painters x styles x clips, measured alike, and a report of it."""
