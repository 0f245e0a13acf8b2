"""Compile the planner's kernels once for each state of their sources, not in the first solve. It takes about a minute."""

from __future__ import annotations

from deploy.local.setup import Steps
from deploy.local.texts import words


def main() -> None:
    from routing import warm_up

    Steps().run(words("compiling"), warm_up)


if __name__ == "__main__":
    main()
