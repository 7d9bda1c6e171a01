"""The ground floor: time, identifiers, errors, texts, settings. Standard library and pydantic only."""
