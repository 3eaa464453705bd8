"""The table of a profile."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass
class FunctionEventAvg:
    """All ranges of one name; times in microseconds."""

    key: str
    count: int = 0
    cpu_time_total: float = 0.0

    @property
    def cpu_time(self) -> float:
        """Microseconds of one, on average."""
        return self.cpu_time_total / max(self.count, 1)

    self_cpu_time_total = property(lambda self: self.cpu_time_total)
    device_time_total = self_device_time_total = cuda_time_total = 0.0


class EventList(list):
    """What ``key_averages()`` returns."""

    def table(self, sort_by=None, row_limit: int = 100, **options) -> str:
        """The events as text, longest first."""
        rows = sorted(self, key=lambda e: -e.cpu_time_total)[:row_limit]
        width = max([len(e.key) for e in rows] + [4])
        head = f"{'Name':<{width}}  {'CPU total':>12}  {'CPU time avg':>12}  # of Calls"
        rule = "-" * len(head)
        lines = [rule, head, rule]
        for e in rows:
            total, mean = f"{e.cpu_time_total:.3f}us", f"{e.cpu_time:.3f}us"
            lines.append(f"{e.key:<{width}}  {total:>12}  {mean:>12}  {e.count:>10}")
        return "\n".join([*lines, rule])

    __str__ = table

    @property
    def self_cpu_time_total(self) -> float:
        """Microseconds of all of them."""
        return sum(e.cpu_time_total for e in self)

    def total_average(self) -> FunctionEventAvg:
        """All of them as one."""
        count = sum(e.count for e in self)
        return FunctionEventAvg("Total", count, self.self_cpu_time_total)
