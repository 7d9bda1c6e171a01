"""The services of the stand, one FastAPI application each; they meet only as messages or over HTTP."""
