"""Tensors on the GPU, and between it and the CPU."""

from __future__ import annotations

import io

import numpy as np
import pytest

import torchlike as torch
from torchlike import nn

pytestmark = pytest.mark.cuda


def test_there_and_back():
    x = torch.arange(6.0).reshape(2, 3)
    y = x.to("cuda", non_blocking=True)
    assert str(y.device) == "cuda:0" and y.is_cuda
    assert (y * 2).cpu().tolist() == (x * 2).tolist()
    assert x.cuda().to("cpu").equal(x)
    with pytest.raises(TypeError, match="can't convert cuda:0 device type tensor"):
        y.numpy()
    assert isinstance(y.cpu().numpy(), np.ndarray)


def test_mixed_devices_are_an_error():
    x = torch.ones(3, device="cuda")
    message = "Expected all tensors to be on the same device"
    with pytest.raises(RuntimeError, match=message):
        x + torch.ones(3)
    with pytest.raises(RuntimeError, match=message):
        nn.Linear(3, 2)(x)
    # Numbers and 0-d tensors of the CPU go along.
    assert (x + torch.tensor(2.0)).sum().item() == 9.0


def test_gradients_stay_on_the_device():
    w = torch.ones(3, device="cuda", requires_grad=True)
    (w * torch.arange(3.0, device="cuda")).sum().backward()
    assert w.grad.is_cuda and w.grad.tolist() == [0.0, 1.0, 2.0]


def test_views_write_their_base():
    x = torch.zeros(3, 4, device="cuda")
    x[1] += 1
    x.t()[0].mul_(5)
    x[:, 2:].fill_(7)
    wanted = torch.zeros(3, 4)
    wanted[1] += 1
    wanted.t()[0].mul_(5)
    wanted[:, 2:].fill_(7)
    assert x.cpu().equal(wanted)


def test_printing():
    assert repr(torch.ones(2, device="cuda")) == "tensor([1., 1.], device='cuda:0')"


def test_checkpoints_move(tmp_path):
    model = nn.Linear(3, 2).cuda()
    file = io.BytesIO()
    torch.save(model.state_dict(), file)
    file.seek(0)
    state = torch.load(file, map_location="cpu")
    assert not state["weight"].is_cuda
    assert state["weight"].equal(model.weight.detach().cpu())
    torch.save(model.state_dict(), tmp_path / "model")
    assert torch.load(tmp_path / "model")["weight"].is_cuda
    other = nn.Linear(3, 2)
    other.load_state_dict(model.state_dict())
    assert other.weight.detach().equal(model.weight.detach().cpu())


def test_loading_to_the_device():
    from torchlike.utils.data import DataLoader, TensorDataset

    data = TensorDataset(torch.arange(10.0), torch.arange(10))
    seen = [x.to("cuda") for x, _ in DataLoader(data, 4, pin_memory=True)]
    assert torch.cat(seen).cpu().tolist() == list(range(10))


def test_questions_about_the_device():
    assert torch.cuda.is_available() and torch.cuda.device_count() >= 1
    assert "NVIDIA" in torch.cuda.get_device_name()
    assert torch.cuda.get_device_capability() >= (7, 0)
    assert torch.cuda.get_device_properties(0).total_memory > 1 << 30
    free, total = torch.cuda.mem_get_info()
    assert 0 < free <= total
    x = torch.ones(1 << 20, device="cuda")
    assert torch.cuda.memory_allocated() >= x.nbytes


def test_events_measure_time():
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    x = torch.randn(1000, 1000, device="cuda")
    start.record()
    for _ in range(10):
        x = (x @ x).tanh()
    end.record()
    torch.cuda.synchronize()
    assert 0 < start.elapsed_time(end) < 60_000  # milliseconds


def test_jax_arrays_pass_without_a_copy():
    import jax

    x = torch.arange(4.0, device="cuda")
    array = jax.dlpack.from_dlpack(x)
    assert array.device.platform == "gpu" and array.sum() == 6.0


def test_linear_algebra():
    torch.manual_seed(0)
    a = torch.randn(5, 5, dtype=torch.float64)
    g = a.cuda()
    assert torch.linalg.solve(g, g @ g).cpu().allclose(a)
    q, r = torch.linalg.qr(g)
    assert (q @ r).cpu().allclose(a)
    u, s, vh = torch.linalg.svd(g)
    assert (u * s @ vh).cpu().allclose(a)
    assert (
        torch.linalg.eigvalsh(g @ g.mT).cpu().allclose(torch.linalg.eigvalsh(a @ a.mT))
    )
    w, v = torch.linalg.eig(g)
    assert (v * w @ torch.linalg.inv(v)).real.cpu().allclose(a)
    assert torch.linalg.det(g).cpu().allclose(torch.linalg.det(a))
