"""Batches from samples, under PyTorch's private address."""

from ..collate import *  # noqa: F403
from ..collate import default_collate as default_collate
from ..collate import default_convert as default_convert
