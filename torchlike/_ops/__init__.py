from . import activation as activation
from . import linear as linear
from . import norm as norm
