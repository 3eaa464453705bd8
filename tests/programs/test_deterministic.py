"""A training gives the same bits every time; how far the flush modes may differ."""

from __future__ import annotations

import math

import pytest

from tests.programs import both

TRAIN = both.ROOT / "tests" / "programs" / "bits" / "train.py"
MODELS = ("mlp", "cnn", "lstm", "transformer")
# Another division into programs rounds sums in another order; over 12 steps.
DRIFT = 1e-5


def _train(model: str, folder, *options: str, **settings: str) -> str:
    start = ("-m", "torchlike")
    return both.run(TRAIN, folder, *start, arguments=(model, *options), **settings)


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS)
def test_the_same_script_twice_gives_the_same_bits(model, tmp_path):
    first, second = _train(model, tmp_path), _train(model, tmp_path)
    assert first.count("step") == 12
    assert first == second


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS)
def test_a_resumed_checkpoint_continues_bit_for_bit(model, tmp_path):
    whole = _train(model, tmp_path).splitlines()
    resumed = _train(model, tmp_path, "resume").splitlines()
    assert len(whole) - len(resumed) == 4  # the steps of the first epoch
    assert resumed == whole[4:]


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS)
def test_every_op_by_itself_gives_the_same_bits_twice(model, tmp_path):
    every = {"TORCHLIKE_FLUSH": "every"}
    assert _train(model, tmp_path, **every) == _train(model, tmp_path, **every)


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS)
def test_flushing_after_every_op_agrees_closely(model, tmp_path):
    modes = [_train(model, tmp_path, TORCHLIKE_FLUSH=f) for f in ("", "every")]
    losses = [[float(s.split()[2]) for s in _steps(m)] for m in modes]
    for lazy, every in zip(*losses, strict=True):
        assert math.isclose(lazy, every, rel_tol=DRIFT)


def _steps(output: str) -> list[str]:
    return [line for line in output.splitlines() if line.startswith("step")]
