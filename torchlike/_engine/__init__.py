"""The recording engine: knows JAX, knows no op. See README.md in this folder."""

from . import ahead
from . import facts as facts
from . import fork as fork
from .boundary import after_backward as after_backward
from .boundary import after_call as after_call
from .boundary import before_backward as before_backward
from .boundary import before_call as before_call
from .boundary import before_forward as before_forward
from .boundary import boundary as boundary
from .boundary import cache_sizes as cache_sizes
from .boundary import optimizer_made as optimizer_made
from .boundary import stats as stats
from .boundary import synchronize as synchronize
from .identity import Nameless as Nameless
from .identity import Single as Single
from .identity import describe as describe
from .infer import Number as Number
from .infer import infer as infer
from .infer import signature as signature
from .lifted import Lifted as Lifted
from .record import current as current
from .record import move as move
from .record import realise as realise
from .record import record as record
from .record import run_now as run_now
from .settings import change_setting as change_setting
from .target import platform as platform
from .target import set_tf32_convolutions as set_tf32_convolutions
from .target import tf32_convolutions as tf32_convolutions
from .value import Aval as Aval
from .value import Value as Value
from .value import aval as aval
from .value import from_host as from_host
from .value import from_jax as from_jax

ahead.begin()
