"""What is timed: a script with its arguments, and where its JAX twin stands."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Workload:
    """One row of the tables.

    ``share`` is that of the turns a slow workload gets. Shapes that are not ``fixed``
    change from step to step.
    """

    name: str
    script: str  # of scripts/, and its arguments
    by_hand: str  # the file of by_hand/ that is given the same words
    share: float = 1.0
    fixed: bool = True


CPU = (
    Workload("tour's loop, Linear(1, 1)", "tour", "dense"),
    Workload("MLP 2 × 64, batch 64", "mlp 2", "dense"),
    Workload("MLP 8 × 64, batch 64", "mlp 8", "dense"),
    Workload("MLP 30 × 64, batch 64", "mlp 30", "dense"),
    Workload("MLP 784-512-512-10, batch 128, Adam", "mlp_adam 512 128", "dense"),
    Workload("digits CNN, batch 64", "digits", "pictures"),
    Workload("ResNet-18, 32 × 32, batch 16", "resnet 16", "pictures", share=0.5),
    Workload("LSTM language model, 2 × 256, 35 × 20", "lstm", "recurrent"),
    Workload("100 LSTM cells in a Python loop", "cells", "recurrent"),
    Workload("GPT nano, 4 × 128, 8 × 128", "gpt nano", "transformers"),
    Workload("GPT small, 6 × 384, 2 × 256", "gpt small", "transformers", share=0.5),
    Workload("transformer encoder, 2 layers", "encoder", "transformers"),
    Workload("VAE 400-20, batch 128", "vae", "generative"),
    Workload("GAN, two optimizers", "gan", "generative"),
    Workload("REINFORCE, 50 actions read", "reinforce", "loops"),
    Workload("tensors in place, by slices", "tensors", "loops"),
    Workload("inference, batch 1, MLP", "inference mlp", "dense"),
    Workload("inference, batch 1, CNN", "inference cnn", "pictures"),
    Workload("epoch of a TensorDataset", "epoch tensors", "loops"),
    Workload("epoch of a Python __getitem__", "epoch items", "loops"),
    Workload("batches of different lengths", "lengths", "loops", fixed=False),
    Workload("gradients of 8 micro-batches", "accumulation", "dense"),
)

# The most telling first, as a budget of time may end before the last; the largest two
# apart, as groups of them are on the GPU together.
CUDA = (
    Workload("GPT 6 × 768, 8 × 512, TF32", "gpt large", "transformers"),
    Workload("ResNet-18, 32 × 32, batch 128", "resnet 128", "pictures"),
    Workload("MLP 784-4096-4096-10, batch 1024", "mlp_adam 4096 1024", "dense"),
    Workload("LSTM language model, 2 × 256, 35 × 20", "lstm", "recurrent"),
    Workload("GPT 6 × 768, 8 × 512, bf16", "gpt large bf16", "transformers"),
    Workload("GPT small, 6 × 384, 2 × 256", "gpt small", "transformers"),
    Workload("transformer encoder, 2 layers", "encoder", "transformers"),
    Workload("VAE 400-20, batch 128", "vae", "generative"),
    Workload("GPT small, bf16", "gpt small bf16", "transformers"),
    Workload("MLP 30 × 64, batch 64", "mlp 30", "dense"),
    Workload("GAN, two optimizers", "gan", "generative"),
    Workload("digits CNN, batch 64", "digits", "pictures"),
)

LOADING = tuple(
    Workload(f"{name}, {workers} workers", f"loading {kind} {workers}", "", share=0.25)
    for kind, name in (
        ("tensors", "TensorDataset"),
        ("items", "__getitem__ of tensors"),
        ("images", "__getitem__ of NumPy images"),
    )
    for workers in (0, 2, 4)
)

OF_DEVICE = {"cpu": CPU, "cuda": CUDA}


def chosen(workloads: tuple[Workload, ...], only: str) -> list[Workload]:
    """Those whose script begins like one of ``only``, e.g. `tour,mlp 2`."""
    wanted = [words.split() for words in only.split(",") if words.strip()]
    return [w for w in workloads if not wanted or any(_is(w, each) for each in wanted)]


def _is(workload: Workload, words: list[str]) -> bool:
    return workload.script.split()[: len(words)] == words
