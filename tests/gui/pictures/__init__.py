# SPDX-License-Identifier: GPL-3.0-or-later
"""The pictures of README and manual, taken of the real window by one command."""
