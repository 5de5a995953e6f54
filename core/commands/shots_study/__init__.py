# SPDX-License-Identifier: GPL-3.0-or-later
"""How well shots are told apart: clips made by code, real clips, and splices of them. Not in the zip."""
