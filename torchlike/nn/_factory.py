"""What modules pass on to the functions that make their parameters."""

from __future__ import annotations

_KEYS = ("device", "dtype", "memory_format")


def factory_kwargs(kwargs) -> dict:
    """The keywords of ``torch.empty`` among ``kwargs``; any other is an error.

    ``kwargs["factory_kwargs"]``, a dictionary, may hold them too.
    """
    if kwargs is None:
        return {}
    unexpected = kwargs.keys() - {*_KEYS, "factory_kwargs"}
    if unexpected:
        raise TypeError(f"unexpected kwargs {unexpected}")
    made = dict(kwargs.get("factory_kwargs", {}))
    for key in _KEYS:
        if key in kwargs and key in made:
            raise TypeError(f"{key} specified twice, in **kwargs and in factory_kwargs")
        if key in kwargs:
            made[key] = kwargs[key]
    unexpected = made.keys() - set(_KEYS)
    if unexpected:
        raise TypeError(f"unexpected kwargs {unexpected}")
    return made
