"""Use cases of the regional gateway."""
