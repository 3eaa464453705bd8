"""The alias of ``torch``: unmodified PyTorch scripts and packages run on torchlike.

``install()`` makes every later ``import torch…`` in this process mean torchlike, and
in the processes that ``multiprocessing`` spawns from it; ``uninstall()`` undoes it.
"""

from torchlike._dropin.alias import install as install
from torchlike._dropin.alias import installed as installed
from torchlike._dropin.alias import uninstall as uninstall
from torchlike._dropin.names import REPORTED_VERSION as REPORTED_VERSION
