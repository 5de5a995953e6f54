# SPDX-License-Identifier: GPL-3.0-or-later
"""Published painters to compare with: code of our own, weights of others, read from the assets when it runs."""
