"""The version reported to packages that ask for torchvision's."""

__version__ = "0.28.0+torchlike"
git_version = "unknown"
cuda = None
