"""The dictionaries behind ``_parameters``, ``_buffers`` and ``_modules``."""

from __future__ import annotations

import weakref


class Registry(dict):
    """A dict of names whose entries are also plain attributes of the owning module.

    So ``self.weight`` is an ordinary attribute read, and code that edits
    ``module._parameters`` and the like directly still has its effect. The owner is
    held weakly: a module must be freed by reference counting, not by the collector.
    """

    __slots__ = ("_owner",)

    def __init__(self, owner, items=()):
        super().__init__()
        self._owner = weakref.ref(owner)
        self.update(items)

    def _attributes(self) -> dict:
        owner = self._owner()
        return {} if owner is None else owner.__dict__

    def __setitem__(self, name, item):
        super().__setitem__(name, item)
        self._attributes()[name] = item

    def __delitem__(self, name):
        super().__delitem__(name)
        self._attributes().pop(name, None)

    def pop(self, name, *default):
        found = super().pop(name, *default)
        self._attributes().pop(name, None)
        return found

    def popitem(self):
        name, item = super().popitem()
        self._attributes().pop(name, None)
        return name, item

    def clear(self):
        for name in list(self):
            del self[name]

    def update(self, *items, **named):
        for name, item in dict(*items, **named).items():
            self[name] = item

    def setdefault(self, name, default=None):
        if name not in self:
            self[name] = default
        return self[name]

    def __ior__(self, items):
        self.update(items)
        return self

    def copy(self):
        return dict(self)

    def __reduce_ex__(self, protocol):
        return dict, (dict(self),)
