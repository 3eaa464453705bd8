"""``torch.distributed._tensor.experimental``, at its older address."""

from ..tensor.experimental import implicit_replication as implicit_replication
