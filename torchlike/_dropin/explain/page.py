"""The report as one HTML file, without anything from the network."""

from __future__ import annotations

import html
import os

from torchlike._dropin.explain import words
from torchlike._dropin.explain.collect import Collector, peak_memory

_STYLE = """
:root{--ink:#1d2430;--soft:#5b6577;--line:#e2e6ee;--back:#f6f7fa;--run:#2e7d5b;
--compile:#c77700;--python:#4769b3}
*{box-sizing:border-box}body{margin:0;background:var(--back);color:var(--ink);
font:16px/1.55 system-ui,sans-serif}main{max-width:1060px;margin:0 auto;
padding:32px 20px}
h1{font-size:26px;margin:0 0 4px}h2{font-size:19px;margin:36px 0 8px}
p{max-width:75ch;margin:8px 0}.soft{color:var(--soft);font-size:14px}
.cards{display:flex;flex-wrap:wrap;gap:12px;margin:18px 0}.card{background:#fff;
border:1px solid var(--line);border-radius:8px;padding:12px 16px;min-width:150px;flex:1}
.card b{display:block;font-size:22px}.bar{display:flex;height:26px;border-radius:6px;
overflow:hidden;margin:8px 0}.bar i{display:block}.run{background:var(--run)}
.compile{background:var(--compile)}.python{background:var(--python)}
.key span{margin-right:22px;white-space:nowrap}.key i{display:inline-block;width:12px;
height:12px;border-radius:3px;margin-right:6px}
.scroll{overflow-x:auto;background:#fff;border:1px solid var(--line);border-radius:8px}
table{border-collapse:collapse;width:100%;font-size:14px}th,td{padding:8px 10px;
text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
th{color:var(--soft);font-weight:600;white-space:nowrap}tr:last-child td{border:0}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
summary{cursor:pointer}details{overflow-wrap:anywhere}
code{font-size:13px;background:#eef0f5;border-radius:4px;padding:1px 4px}
"""
_MOST_ROWS = 60


def seconds(value: float) -> str:
    """A time with its unit."""
    if value >= 1:
        return f"{value:.2f} s"
    return f"{value * 1000:.1f} ms" if value >= 1e-4 else f"{value * 1e6:.0f} µs"


def size(n: int) -> str:
    """Bytes with their unit."""
    return f"{n / 2**30:.2f} GiB" if n >= 2**30 else f"{n / 2**20:.0f} MiB"


def _line(text: str) -> str:
    file, _, number = text.rpartition(":")
    return f"<code>{html.escape(os.path.basename(file))}:{number}</code>"


def _card(value: str, name: str) -> str:
    return f'<div class="card"><b>{value}</b><span class="soft">{name}</span></div>'


def _cards(report: Collector) -> str:
    n = len(report.programs) - report.loads
    runs = sum(f.count for f in report.flushes.values())
    memory = ", ".join(size(b) for b in peak_memory().values())
    return (
        '<div class="cards">'
        + "".join(
            (
                _card(seconds(report.seconds), "in all"),
                _card(str(n), "programs compiled"),
                *([_card(str(report.loads), "found on disk")] if report.loads else []),
                _card(str(runs), "times recorded work ran"),
                _card(memory, "memory at its peak"),
            )
        )
        + "</div>"
    )


def _bar(report: Collector) -> str:
    parts = (
        ("run", "running compiled programs", report.run_seconds),
        ("compile", "compiling them", report.compile_seconds),
        ("python", "Python: recording and your own code", report.python_seconds),
    )
    total = sum(p[2] for p in parts) or 1.0
    bar = "".join(
        f'<i class="{kind}" style="width:{100 * value / total:.2f}%" '
        f'title="{name}: {seconds(value)}"></i>'
        for kind, name, value in parts
    )
    key = "".join(
        f'<span><i class="{kind}"></i>{name}: {seconds(value)} '
        f"({100 * value / total:.0f} %)</span>"
        for kind, name, value in parts
    )
    return f'<div class="bar">{bar}</div><div class="key soft">{key}</div>'


def _table(heads: list[tuple[str, bool]], rows: list[list[str]]) -> str:
    mark = [' class="n"' if number else "" for _, number in heads]
    head = "".join(f"<th{m}>{h}</th>" for m, (h, _) in zip(mark, heads, strict=True))
    body = "".join(
        "<tr>"
        + "".join(f"<td{m}>{cell}</td>" for m, cell in zip(mark, row, strict=True))
        + "</tr>"
        for row in rows[:_MOST_ROWS]
    )
    left = len(rows) - _MOST_ROWS
    more = f'<p class="soft">and {left} more</p>' if left > 0 else ""
    return f'<div class="scroll"><table><tr>{head}</tr>{body}</table></div>{more}'


def _inside(program) -> str:
    """The kinds of operations in a program, the most frequent first."""
    names = [(name.strip("_"), n) for name, n in program.ops.most_common(6)]
    inside = ", ".join(
        f"{html.escape(name)} × {n}" if n > 1 else html.escape(name)
        for name, n in names
    )
    more = len(program.ops) - len(names)
    return f"{inside} and {more} other kinds" if more > 0 else inside


def _why(program, earlier) -> str:
    """Why it was compiled, in words; what the engine says of it can be opened."""
    detail = html.escape(program.reason[:300])
    return (
        f"{words.reason(program, earlier)}<details class='soft'><summary>in detail"
        f"</summary>{detail}</details>"
    )


def _seconds_of(program) -> float:
    """What to order by: the longest first."""
    return -((program.compile_seconds or 0.0) + program.run_seconds)


def _compiling(program) -> str:
    if program.compile_seconds is None:
        return "from disk"
    return seconds(program.compile_seconds)


def _programs(report: Collector) -> str:
    order = sorted(report.programs, key=_seconds_of)
    rows = []
    for p in order:
        mean = seconds(p.run_seconds / p.runs) if p.runs else "–"
        earlier = report.programs[: p.number - 1]
        row = [str(p.number), _line(p.line), str(p.n_ops), _inside(p)]
        row += [_why(p, earlier), _compiling(p), str(p.runs), mean]
        rows.append([*row, seconds(p.run_seconds)])
    heads = [("No.", True), ("First needed at", False), ("Operations", True)]
    heads += [("What is in it", False), ("Why it was compiled", False)]
    heads += [
        ("Compiling", True),
        ("Runs", True),
        ("One run", True),
        ("All runs", True),
    ]
    return _table(heads, rows)


def _flushes(report: Collector) -> str:
    order = sorted(report.flushes.values(), key=lambda f: -f.seconds)
    rows = [
        [
            _line(f.line),
            f"{words.trigger(f.trigger)} <span class='soft'>({html.escape(f.trigger)})"
            "</span>",
            str(f.count),
            f"{f.ops / f.count:.0f}",
            seconds(f.seconds),
        ]
        for f in order
    ]
    heads = [("Your line", False), ("What made the work run", False), ("Times", True)]
    heads += [("Operations each", True), ("Running", True)]
    return _table(heads, rows)


def text(report: Collector, command: str) -> str:
    """The page."""
    advice = "".join(f"<li>{line}</li>" for line in words.advice(report))
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>How {html.escape(command)} ran</title><style>{_STYLE}</style></head><body><main>
<h1>How your program ran</h1><p class="soft"><code>{html.escape(command)}</code></p>
<p>{words.INTRODUCTION}</p>{_cards(report)}
<h2>Where the time went</h2>{_bar(report)}
<p class="soft">To measure it, each program was waited for; without this report Python
works ahead while programs run.</p>
<h2>What you might change</h2><ul>{advice}</ul>
<h2>When recorded work ran, and why</h2>
<p>One row for each line of yours at which values were needed.</p>{_flushes(report)}
<h2>The compiled programs</h2>
<p>A steady training loop makes its programs in the first steps and none later; one more
for a last, smaller batch is usual. The longest come
first.{words.loads(report.loads)}</p>
{_programs(report)}
</main></body></html>
"""


def write(report: Collector, path: str, command: str) -> None:
    """Write the page to ``path``."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(text(report, command))
