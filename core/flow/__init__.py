# SPDX-License-Identifier: GPL-3.0-or-later
"""Optical flow: how the picture moves from one frame to the next, and where that can be trusted."""
