"""``torch.futures``: results to come, over Python's own futures."""

from __future__ import annotations

import concurrent.futures


class Future:
    """A value that another thread sets."""

    def __init__(self, *, devices=None) -> None:
        self._future: concurrent.futures.Future = concurrent.futures.Future()

    def __class_getitem__(cls, item):
        return cls

    def done(self) -> bool:
        """Whether there is a result."""
        return self._future.done()

    def wait(self):
        """The result; waits for it."""
        return self._future.result()

    def value(self):
        """The result, which must be there."""
        return self._future.result(timeout=0)

    def set_result(self, result) -> None:
        """Give the result."""
        self._future.set_result(result)

    def set_exception(self, result) -> None:
        """Give an error instead."""
        self._future.set_exception(result)

    def then(self, callback) -> Future:
        """A future of ``callback(self)``."""
        made: Future = Future()

        def run(_) -> None:
            try:
                made.set_result(callback(self))
            except Exception as error:
                made.set_exception(error)

        self._future.add_done_callback(run)
        return made

    def add_done_callback(self, callback) -> None:
        """Call ``callback(self)`` when there is a result."""
        self._future.add_done_callback(lambda _: callback(self))


def collect_all(futures) -> Future:
    """A future of the futures, done when all are."""
    made: Future = Future()
    left = [len(futures)]

    def count(_) -> None:
        left[0] -= 1
        if not left[0]:
            made.set_result(futures)

    for future in futures:
        future.add_done_callback(count)
    if not futures:
        made.set_result(futures)
    return made


def wait_all(futures) -> list:
    """All results."""
    return [future.wait() for future in futures]
