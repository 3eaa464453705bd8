from . import activation as activation
