"""The addresses under which PyTorch's users find modules and names."""

from __future__ import annotations

import importlib

import pytest

PATHS = """
torch.types: Number Device _size
torch._utils: _flatten_dense_tensors _unflatten_dense_tensors ExceptionWrapper
torch._C: _disabled_torch_function_impl Generator
torch._jit_internal: _overload_method boolean_dispatch
torch.overrides: handle_torch_function has_torch_function TorchFunctionMode
torch.nn.parameter: Parameter UninitializedParameter Buffer
torch.nn.common_types: _size_2_t
torch.nn.modules: Module
torch.nn.modules.activation: ReLU MultiheadAttention
torch.nn.modules.batchnorm: BatchNorm2d _BatchNorm _NormBase
torch.nn.modules.container: Sequential ModuleList
torch.nn.modules.conv: Conv2d _ConvNd _ConvTransposeNd
torch.nn.modules.dropout: Dropout _DropoutNd
torch.nn.modules.instancenorm: _InstanceNorm InstanceNorm2d
torch.nn.modules.linear: Linear NonDynamicallyQuantizableLinear
torch.nn.modules.loss: _Loss _WeightedLoss CrossEntropyLoss
torch.nn.modules.module: Module _addindent
torch.nn.modules.normalization: LayerNorm GroupNorm
torch.nn.modules.pooling: MaxPool2d _AdaptiveAvgPoolNd _MaxPoolNd _AvgPoolNd
torch.nn.modules.rnn: LSTM RNNBase
torch.nn.modules.sparse: Embedding
torch.nn.modules.transformer: TransformerEncoderLayer _get_clones
torch.nn.modules.utils: _pair _single _triple _ntuple
torch.nn.parallel: DataParallel DistributedDataParallel parallel_apply
torch.nn.parallel.distributed: DistributedDataParallel
torch.nn.parallel.data_parallel: DataParallel data_parallel
torch.nn.attention: SDPBackend sdpa_kernel
torch.optim.optimizer: Optimizer required ParamsT
torch.optim.lr_scheduler: LRScheduler _LRScheduler LambdaLR ReduceLROnPlateau
torch.optim.swa_utils: AveragedModel SWALR
torch.optim.sgd: SGD
torch.optim.adam: Adam
torch.optim.adamw: AdamW
torch.utils: set_module
torch.utils._pytree: tree_map tree_flatten tree_unflatten tree_map_only
torch.utils.checkpoint: checkpoint checkpoint_sequential
torch.utils.data: DataLoader Dataset
torch.utils.data.dataloader: DataLoader default_collate
torch.utils.data.dataset: Dataset Subset IterableDataset
torch.utils.data.distributed: DistributedSampler
torch.utils.data.sampler: Sampler BatchSampler
torch.utils.data._utils.collate: default_collate default_convert
torch.utils.dlpack: from_dlpack to_dlpack
torch.utils.hooks: RemovableHandle
torch.utils.model_zoo: load_url
torch.utils.cpp_extension: CUDA_HOME load
torch.autograd: Function Variable grad backward detect_anomaly
torch.autograd.function: Function once_differentiable
torch.autograd.profiler: record_function profile
torch.cuda: is_available Stream Event amp OutOfMemoryError
torch.cuda.amp: autocast GradScaler custom_fwd custom_bwd
torch.cuda.amp.grad_scaler: GradScaler
torch.amp: autocast GradScaler custom_fwd
torch.amp.grad_scaler: GradScaler OptState
torch.backends.cudnn: benchmark deterministic enabled flags
torch.backends.cuda: matmul sdp_kernel
torch.backends.mps: is_available
torch.backends.mkl: is_available
torch.backends.openmp: is_available
torch.backends.opt_einsum: is_available
torch.mps: is_available
torch.xpu: is_available
torch.cpu: synchronize
torch.accelerator: is_available current_accelerator
torch.version: cuda hip
torch.hub: load load_state_dict_from_url get_dir
torch.multiprocessing: spawn Queue get_context set_start_method
torch.profiler: profile record_function ProfilerActivity schedule
torch.jit: script trace ignore unused export Final is_scripting ScriptModule
torch.jit.annotations: BroadcastingList2
torch.fx: Tracer Graph GraphModule Interpreter Proxy symbolic_trace
torch.compiler: disable is_compiling
torch._dynamo: optimize reset config
torch.distributed: is_available is_initialized ReduceOp
torch.distributed.fsdp: FullyShardedDataParallel fully_shard MixedPrecision FSDPModule
torch.distributed._tensor: DTensor Shard Replicate
torch: TensorType DeviceObjType _assert
torch.utils.data._utils.worker: get_worker_info _generate_state
torch.library: custom_op Library register_fake
torch.ops: load_library
torch.onnx: is_in_onnx_export
torch.functional: einsum norm
torch.storage: TypedStorage UntypedStorage
torch.serialization: save load
torch.random: manual_seed fork_rng
torch: FloatTensor LongTensor set_default_device set_default_tensor_type typename
torch: autocast GradScaler get_default_device from_dlpack is_autocast_enabled
""".strip().splitlines()


@pytest.mark.parametrize("line", PATHS, ids=range(len(PATHS)))
def test_path(line):
    path, _, names = line.partition(": ")
    real, own = (
        importlib.import_module(path.replace("torch", name, 1))
        for name in ("torch", "torchlike")
    )
    lacking = [n for n in names.split() if not hasattr(real, n)]
    assert not lacking, f"PyTorch itself has no {lacking}"
    assert not [n for n in names.split() if not hasattr(own, n)]


@pytest.mark.parametrize("path", ["package", "nothing", "nn.nothing"])
def test_a_missing_module(path):
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module(f"torchlike.{path}")
