"""Compile the planner's kernels once for each state of their sources, not in the first solve. It takes a minute or two."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from deploy.local.setup import Steps
from deploy.local.texts import words


def compile_all() -> None:
    """Each kernel in a process of its own: the compiler uses one core."""
    from routing import KERNELS, warm_up

    with ProcessPoolExecutor(len(KERNELS), mp_context=get_context("spawn")) as pool:
        for compiled in [pool.submit(warm_up, kernel) for kernel in KERNELS]:
            compiled.result()


def main() -> None:
    Steps().run(words("compiling"), compile_all)


if __name__ == "__main__":
    main()
