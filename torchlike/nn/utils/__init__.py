"""Helpers for networks: sequences."""

from __future__ import annotations

from . import rnn as rnn
