"""What services promise: OpenAPI that holds under any input, wire samples that stay readable."""
