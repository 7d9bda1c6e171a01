"""What the provider takes and answers over HTTP."""
