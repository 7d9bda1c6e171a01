"""Tests of the citizen service centre."""
