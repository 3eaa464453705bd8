"""The page's explanations, for readers who have never heard of XLA."""

from __future__ import annotations

INTRODUCTION = (
    "torchlike does not run each line of tensor code at once. It <b>records</b> the "
    "operations and, when a value is really needed, hands everything recorded so far "
    "to the compiler XLA, which makes <b>one fast program</b> of it. That program is "
    "kept: when the same operations come again, as in every step of a training loop, "
    "it runs again without compiling. This page shows which programs were made, why, "
    "and where the time went."
)

TRIGGERS = {
    "item": "a number was read: <code>.item()</code>, <code>float()</code>, or an "
    "<code>if</code> on a tensor",
    "read": "values were read: <code>.numpy()</code>, <code>.tolist()</code> and such",
    "print": "a tensor was printed",
    "optimizer.step": "a training step ended with <code>optimizer.step()</code>",
    "optimizer": "a new optimizer was made",
    "dataloader": "a DataLoader handed out its next batch",
    "zero_grad": "a step began with <code>zero_grad()</code>",
    "module": "a model was called without gradients (evaluation)",
    "second forward": "a forward after a <code>backward()</code>, before the step's "
    "end: each micro-batch is a program, and memory stays that of one",
    "second backward": "a second <code>backward()</code> of the same forward",
    "synchronize": "<code>synchronize()</code> was called, or the program ended",
    "op limit": "many operations were recorded without a reason to run; this bounds "
    "memory and compile time",
    "loop segment": "a long loop: one part of it, compiled once and run many times",
    "loop found": "a long loop: its repeating part was found here",
    "boolean index": "a mask decides the shape of the result",
    "indexing": "an index held in a tensor decides the shape of the result",
    "torch.save": "a checkpoint was saved",
    "every op": "TORCHLIKE_FLUSH=every runs each operation by itself",
    "fork": "a worker process was started",
    "used elsewhere": "another thread needed the value",
}

FIRST = "the first time that operations of this kind were met"
REASONS = (
    ("first trace", FIRST),
    ("outputs differ", "the same operations, but other results were kept"),
    ("goes on after", "begins as an earlier program and goes on further"),
    ("op ", FIRST),
)


def trigger(name: str) -> str:
    """What a trigger means."""
    return TRIGGERS.get(name, "the value was needed")


def reason(program, earlier) -> str:
    """What the reason of a compile means, beside the programs made before it."""
    if program.reason.startswith("op "):
        for other in earlier:
            if other.ops == program.ops:
                return (
                    f"the operations of program {other.number} again, on other shapes "
                    "or with other settings"
                )
    for start, words in REASONS:
        if program.reason.startswith(start):
            return words
    return program.reason


def loads(count: int) -> str:
    """What programs found on disk are."""
    if not count:
        return ""
    return (
        f" {count} were compiled in an earlier run of the script and were found on "
        "disk; <code>TORCHLIKE_CACHE_DIR=off</code> leaves the disk aside."
    )


def advice(report) -> list[str]:
    """What the reader might change, most important first."""
    found = []
    total = report.seconds or 1.0
    late = [p for p in report.programs if p.runs <= 1]
    if len(late) > 10:
        found.append(
            f"{len(late)} programs ran only once. Changing shapes are the usual cause: "
            "pad batches to a few sizes, or drop the last, smaller batch "
            "(<code>drop_last=True</code>)."
        )
    if report.compile_seconds > 0.5 * total and report.seconds > 5:
        found.append(
            "More than half of the time went into compiling. Programs are kept on "
            "disk, so a second run of the same script starts faster; longer training "
            "spreads the cost."
        )
    reads = [f for f in report.flushes.values() if f.trigger in ("item", "read")]
    count = sum(f.count for f in reads)
    if count > 200:
        top = max(reads, key=lambda f: f.count)
        found.append(
            f"Values were read {count} times, most often at <code>{top.line}</code>. "
            "Each read waits for the device; read less often, or once at the end of an "
            "epoch."
        )
    if not found:
        found.append("Nothing stands out.")
    return found
