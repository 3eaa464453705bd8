"""``torch.profiler`` beside PyTorch: ranges, steps, schedules, and its files."""

from __future__ import annotations

import json

import pytest

import torchlike

from . import both

START = """
import importlib
profiler = importlib.import_module(torch.__name__ + ".profiler")
model, x = torch.nn.Linear(4, 4), torch.ones(2, 4)
def named(prof):  # the ranges the script named, of one call of the handler
    keys = {e.key: e.count for e in prof.key_averages()}
    return sorted((k, n) for k, n in keys.items() if k in ("work", "step"))
def run(**options):
    with profiler.profile(activities=[profiler.ProfilerActivity.CPU], **options) as p:
        for step in range(12):
            with profiler.record_function("work"):
                model(x)
            p.step()
    return p
"""
CYCLES = [
    "wait=1, warmup=1, active=2",
    "wait=1, warmup=1, active=2, repeat=2",
    "wait=0, warmup=0, active=3, skip_first=2",
    "wait=2, warmup=1, active=1, repeat=1, skip_first=1",
]
SNIPPETS = {
    "whole": """
with profiler.profile(record_shapes=True, with_stack=True, profile_memory=True) as p:
    for _ in range(3):
        with profiler.record_function("work"):
            model(x)
print(named(p), type(p.key_averages().table(sort_by="cpu_time_total", row_limit=5)))
""",
    "decorator": """
@profiler.record_function("work")
def work():
    return model(x)
with profiler.profile() as p:
    work(), work()
print(named(p))
""",
    "outside": "with profiler.record_function('work'): print(model(x).shape)",
    "not started": "p = profiler.profile(); print(p.step_num)",
    "start and stop": """
p = profiler.profile(on_trace_ready=lambda p: print('ready', p.step_num))
p.start()
with profiler.record_function("work"): model(x)
p.stop()
print(named(p))
""",
    "older": """
with torch.autograd.profiler.profile() as p:
    with torch.autograd.profiler.record_function("work"): model(x)
print([e.key for e in p.key_averages() if e.key == "work"])
""",
    "schedules": "\n".join(
        f"print([profiler.schedule({cycle})(i).name for i in range(12)])"
        for cycle in CYCLES
    ),
} | {
    cycle: f"run(schedule=profiler.schedule({cycle}), "
    "on_trace_ready=lambda p: print(p.step_num, named(p)))"
    for cycle in CYCLES
}


@pytest.mark.parametrize("name", SNIPPETS)
def test_beside_pytorch(name):
    snippet = START + SNIPPETS[name]
    assert both.output(snippet, "torchlike") == both.output(snippet, "torch")


def test_files(tmp_path):
    profiler = torchlike.profiler
    handler = profiler.tensorboard_trace_handler(str(tmp_path / "log"))
    with profiler.profile(on_trace_ready=handler) as p:
        with profiler.record_function("work"):
            torchlike.ones(3).sum().item()
    p.export_chrome_trace(str(tmp_path / "trace.json"))
    (logged,) = (tmp_path / "log").glob("*.pt.trace.json")
    for file in (logged, tmp_path / "trace.json"):
        (event,) = json.loads(file.read_text())["traceEvents"]
        assert event["name"] == "work" and event["dur"] > 0
