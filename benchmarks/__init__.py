"""Measurements and long proofs, run by hand: `python -m benchmarks.NAME --help`.

The suite keeps the small version of each proof. Nothing here asserts a duration;
a command prints what it did, its verdict, and ends with an exit status to trust.
"""
