"""`python -m tests.toy_worker NAME`: the real worker with the toy core."""

from __future__ import annotations

import sys

from streams.agents.worker import main
from tests.toy_core import TOY

if __name__ == "__main__":
    sys.exit(main(core=TOY))
