"""Workers, under PyTorch's private address."""

from ..workers import _generate_state as _generate_state
from ..workers import get_worker_info as get_worker_info
