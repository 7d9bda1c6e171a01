"""HTTP of the provider: officers' work, the counter, printed acts, and the stand's controls."""
