"""Imported by ``multiprocessing``'s fork server: children inherit the alias."""

from torchlike._dropin.alias import install

install()
