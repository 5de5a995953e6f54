# SPDX-License-Identifier: GPL-3.0-or-later
"""The buttons: each calls one action and turns its outcome into a report."""
