"""Tests of the fault suite's own parts."""
