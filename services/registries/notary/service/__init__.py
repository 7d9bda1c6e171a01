"""Use cases of the notary registry."""
