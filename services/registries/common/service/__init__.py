"""Use cases that both registries have."""
