"""The regional gateway."""
