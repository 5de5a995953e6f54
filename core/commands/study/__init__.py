# SPDX-License-Identifier: GPL-3.0-or-later
"""The study: which loss network, which temporal loss and how small a painter, answered by short trainings."""
