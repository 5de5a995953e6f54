# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands that a person calls: they need PyAV, rich and torch, and are not part of the add-on's zip."""
