"""Workers, under PyTorch's private address."""

from ..workers import get_worker_info as get_worker_info
