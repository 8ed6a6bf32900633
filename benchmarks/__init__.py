"""Measures the aims for speed; `python -m benchmarks` prints them beside what was measured."""
