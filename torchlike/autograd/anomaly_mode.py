"""``torch.autograd.anomaly_mode``."""

from .saved import detect_anomaly as detect_anomaly
from .saved import set_detect_anomaly as set_detect_anomaly
