"""``SummaryWriter``: tensorboardX's, given NumPy arrays where users give tensors."""

from __future__ import annotations

import functools

from ..._tensor import Tensor

try:
    import tensorboardX
except ImportError as error:
    raise ImportError(
        "torch.utils.tensorboard needs a writer: pip install tensorboardX"
    ) from error


def _plain(item):
    """Tensors as NumPy arrays, in containers too."""
    if isinstance(item, Tensor):
        return item.detach().cpu().numpy()
    if isinstance(item, dict):
        return {key: _plain(value) for key, value in item.items()}
    if isinstance(item, (list, tuple)) and not hasattr(item, "_fields"):
        return type(item)(_plain(value) for value in item)
    return item


class SummaryWriter(tensorboardX.SummaryWriter):
    """Writes event files to ``log_dir`` (default: ``runs/`` and the time)."""

    def __init__(
        self,
        log_dir=None,
        comment: str = "",
        purge_step=None,
        max_queue: int = 10,
        flush_secs: int = 120,
        filename_suffix: str = "",
    ) -> None:
        super().__init__(
            None if log_dir is None else str(log_dir),
            comment,
            purge_step,
            max_queue,
            flush_secs,
            filename_suffix,
        )
        self.log_dir = self.logdir

    def get_logdir(self) -> str:
        """Where the files are."""
        return self.logdir

    def add_graph(self, model, input_to_model=None, verbose=False, **options) -> None:
        """Graphs of TorchScript are not drawn."""
        raise NotImplementedError("SummaryWriter.add_graph (docs/differences.md)")


def _with_arrays(method):
    @functools.wraps(method)
    def call(self, *args, **kwargs):
        return method(self, *_plain(args), **_plain(kwargs))

    return call


for _name, _method in list(vars(tensorboardX.SummaryWriter).items()):
    if _name.startswith("add_") and _name not in vars(SummaryWriter):
        setattr(SummaryWriter, _name, _with_arrays(_method))
