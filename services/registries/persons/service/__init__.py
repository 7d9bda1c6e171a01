"""Use cases of the persons registry."""
