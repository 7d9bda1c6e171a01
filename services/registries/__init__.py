"""The registries (state databases) that other systems ask through the gateway: persons and notary, a service each."""
