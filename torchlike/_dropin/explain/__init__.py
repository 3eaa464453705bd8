"""``python -m torchlike --explain script.py``: a page about how the program ran."""

from torchlike._dropin.explain.collect import Collector as Collector
from torchlike._dropin.explain.page import write as write
