"""The tests of the stand."""
