"""Single kernels beside PyTorch's: what the choices of formulation rest on."""
