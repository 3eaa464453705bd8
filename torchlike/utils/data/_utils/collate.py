"""Batches from samples, under PyTorch's private address."""

import re

from ..collate import *  # noqa: F403
from ..collate import default_collate as default_collate
from ..collate import default_convert as default_convert

np_str_obj_array_pattern = re.compile(r"[SaUO]")
