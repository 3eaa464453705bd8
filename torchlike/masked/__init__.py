"""``torch.masked``: reductions and tensors that leave elements out."""

from ._functions import _input_mask as _input_mask
from ._functions import _output_mask as _output_mask
from ._functions import amax as amax
from ._functions import amin as amin
from ._functions import argmax as argmax
from ._functions import argmin as argmin
from ._functions import cumprod as cumprod
from ._functions import cumsum as cumsum
from ._functions import log_softmax as log_softmax
from ._functions import logaddexp as logaddexp
from ._functions import logsumexp as logsumexp
from ._functions import mean as mean
from ._functions import median as median
from ._functions import norm as norm
from ._functions import normalize as normalize
from ._functions import prod as prod
from ._functions import softmax as softmax
from ._functions import softmin as softmin
from ._functions import std as std
from ._functions import sum as sum
from ._functions import var as var
from ._tensor import MaskedTensor as MaskedTensor
from ._tensor import as_masked_tensor as as_masked_tensor
from ._tensor import is_masked_tensor as is_masked_tensor
from ._tensor import masked_tensor as masked_tensor
