"""Ruin and recreate on arrays, compiled by numba where it is there; the same plans without it."""
