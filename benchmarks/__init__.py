"""torchlike beside PyTorch eager and hand-written JAX: ``python -m benchmarks``."""
