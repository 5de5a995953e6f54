# SPDX-License-Identifier: GPL-3.0-or-later
"""The critics: loss networks that judge a painting, one file each, behind ``core.training.loss_network``."""
