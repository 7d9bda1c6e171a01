"""Use cases of the centre, a sentence of the regulations each."""
