# SPDX-License-Identifier: GPL-3.0-or-later
"""Painting by optimisation, the quality Master: Gatys et al. 2015 for pictures, Ruder et al. 2016 for clips."""
