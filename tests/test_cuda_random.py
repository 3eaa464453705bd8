"""Random numbers on a GPU: its own generator, and the switch to the CPU's stream.

What the CPU draws stands for PyTorch here: other tests compare the two.
"""

import os

import numpy as np
import pytest

import torchlike as torch
from torchlike import nn
from torchlike.nn import functional as F

# TEST_RANDOM_ON=cpu tries the tests themselves where there is no GPU.
GPU = os.environ.get("TEST_RANDOM_ON", "cuda")
pytestmark = [pytest.mark.cuda] if GPU == "cuda" else []
N = 3000


def module_weights(make, place):
    return torch.cat([p.detach().reshape(-1) for p in make(place).parameters()])


# Draws that are numbers of the stream themselves, or only chosen by them.
SAME = {
    "rand": lambda place: torch.rand(N, device=place),
    "rand float64": lambda place: torch.rand(N, device=place, dtype=torch.float64),
    "randn": lambda place: torch.randn(N, device=place),
    "randn few": lambda place: torch.randn(5, device=place),
    "randint": lambda place: torch.randint(-5, 1000, (N,), device=place),
    "randperm": lambda place: torch.randperm(N, device=place),
    "normal": lambda place: torch.normal(1.0, 2.0, (N,), device=place),
    "rand_like": lambda place: torch.rand_like(torch.zeros(N, device=place)),
    "bernoulli": lambda place: torch.bernoulli(torch.full((N,), 0.3, device=place)),
    "multinomial": lambda place: torch.multinomial(torch.ones(9, device=place), 4),
    "uniform_": lambda place: torch.empty(N, device=place).uniform_(-1, 2),
    "exponential_": lambda place: torch.empty(N, device=place).exponential_(),
    "dropout": lambda place: F.dropout(torch.ones(N, device=place), 0.3) != 0,
    "dropout2d": lambda place: F.dropout2d(torch.ones(9, 9, 2, 2, device=place)) != 0,
}
# Draws the device computes with: to a rounding.
CLOSE = {
    "linear": lambda place: module_weights(
        lambda device: nn.Linear(30, 20, device=device), place
    ),
    "lstm": lambda place: module_weights(
        lambda device: nn.LSTM(8, 9, device=device), place
    ),
    "trunc_normal_": lambda place: nn.init.trunc_normal_(torch.empty(N, device=place)),
    "kaiming_normal_": lambda place: nn.init.kaiming_normal_(
        torch.empty(30, 20, device=place)
    ),
    "xavier_uniform_": lambda place: nn.init.xavier_uniform_(
        torch.empty(30, 20, device=place)
    ),
    "distribution": lambda place: torch.distributions.Normal(
        torch.zeros(N, device=place), 2.0
    ).sample(),
    "gumbel_softmax": lambda place: F.gumbel_softmax(torch.ones(40, 10, device=place)),
}
BOTH = {**SAME, **CLOSE}


def numbers(name, place=GPU, seed=None):
    if seed is not None:
        torch.manual_seed(seed)
    drawn = BOTH[name](place)
    assert drawn.device.type == torch.device(place).type
    return drawn.cpu().numpy()


# ----- the device's own generator ----------------------------------------------------


@pytest.mark.parametrize("name", BOTH)
def test_the_seed_determines_the_numbers(name):
    first = numbers(name, seed=3)
    assert (numbers(name) != first).any()
    np.testing.assert_array_equal(numbers(name, seed=3), first)
    assert (numbers(name, seed=4) != first).any()


def test_dropout_in_a_network_draws_anew_each_step():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(8, 64), nn.Dropout(0.5)).to(GPU)
    x = torch.ones(4, 8, device=GPU)
    masks = [(model(x) == 0).cpu().numpy() for _ in range(3)]
    assert (masks[0] != masks[1]).any() and (masks[1] != masks[2]).any()
    assert all(0.3 < mask.mean() < 0.7 for mask in masks)
    model.eval()
    first, second = (model(x).detach().cpu().numpy() for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_a_fork_gives_back_the_state():
    torch.manual_seed(5)
    first = numbers("randn")
    with torch.random.fork_rng():
        inside = numbers("randn")
        numbers("dropout")
    after = numbers("randn")
    np.testing.assert_array_equal(after, inside)
    assert (after != first).any()


def test_a_generator_of_its_own():
    own = torch.Generator(device=GPU).manual_seed(9)
    torch.manual_seed(1)
    first = torch.randn(N, device=GPU, generator=own).cpu().numpy()
    default = numbers("randn")
    state = own.get_state()
    second = torch.randn(N, device=GPU, generator=own).cpu().numpy()
    own.set_state(state)
    again = torch.randn(N, device=GPU, generator=own).cpu().numpy()
    np.testing.assert_array_equal(again, second)
    assert (first != second).any()
    torch.manual_seed(1)
    np.testing.assert_array_equal(numbers("randn"), default)
    clone = own.clone_state()
    np.testing.assert_array_equal(
        torch.rand(9, device=GPU, generator=clone).cpu().numpy(),
        torch.rand(9, device=GPU, generator=own).cpu().numpy(),
    )


@pytest.mark.skipif(GPU == "cpu", reason="of the GPU's generator")
def test_state_of_the_default_generator():
    torch.cuda.manual_seed(7)
    assert torch.cuda.initial_seed() == 7
    numbers("rand")
    state = torch.cuda.get_rng_state()
    wanted = numbers("randn")
    torch.cuda.set_rng_state(state)
    np.testing.assert_array_equal(numbers("randn"), wanted)
    torch.cuda.manual_seed(7)
    assert (torch.cuda.get_rng_state().numpy() != state.numpy()).any()


@pytest.mark.skipif(GPU == "cpu", reason="two generators are needed")
def test_cpu_and_gpu_do_not_disturb_each_other():
    torch.manual_seed(2)
    on_cpu, on_gpu = numbers("rand", "cpu"), numbers("rand")
    torch.manual_seed(2)
    np.testing.assert_array_equal(numbers("rand"), on_gpu)
    np.testing.assert_array_equal(numbers("rand", "cpu"), on_cpu)


# ----- the CPU's stream --------------------------------------------------------------


@pytest.fixture
def cpu_stream():
    before = torch.random.use_cpu_stream(True)
    yield
    torch.random.use_cpu_stream(before)


@pytest.mark.parametrize("name", SAME)
def test_the_same_numbers_as_the_cpu(name, cpu_stream):
    wanted = numbers(name, "cpu", seed=6), numbers("rand", "cpu")
    np.testing.assert_array_equal(numbers(name, seed=6), wanted[0])
    np.testing.assert_array_equal(numbers("rand"), wanted[1])


@pytest.mark.parametrize("name", CLOSE)
def test_the_same_numbers_as_the_cpu_to_a_rounding(name, cpu_stream):
    wanted = numbers(name, "cpu", seed=6), numbers("rand", "cpu")
    np.testing.assert_allclose(numbers(name, seed=6), wanted[0], rtol=2e-6, atol=2e-6)
    np.testing.assert_array_equal(numbers("rand"), wanted[1])


def losses(place):
    torch.manual_seed(8)
    model = nn.Sequential(
        *(nn.Linear(8, 32), nn.Tanh(), nn.Dropout(0.3), nn.Linear(32, 1))
    ).to(place)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    found = []
    for _ in range(10):
        x = torch.randn(16, 8, device=place)
        loss = (model(x) - x.sum(1, keepdim=True)).pow(2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        found.append(loss.item())
    return found


def test_a_training_with_dropout_goes_as_on_the_cpu(cpu_stream):
    # A GPU may multiply float32 matrices in narrower steps (TF32): to three digits.
    assert losses(GPU) == pytest.approx(losses("cpu"), rel=1e-3)
