"""``torch.fx.experimental``: the few names of it that packages ask for."""
