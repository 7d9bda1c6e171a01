"""Attacks on a running stand, as a stranger, a person of it, or a system of it could make them."""
