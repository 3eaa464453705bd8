"""``python -m torchlike script.py args``: an unmodified ``import torch`` program."""

import sys

from torchlike._dropin.runner import main

if __name__ == "__main__":
    sys.exit(main())
