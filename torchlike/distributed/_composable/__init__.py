"""``torch.distributed._composable``, under PyTorch's private address."""
