"""Tests of the benchmark: of its arithmetic, and that it runs."""
