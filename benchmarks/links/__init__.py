"""python -m benchmarks.links: the link check beside lychee, in a world on loopback."""
