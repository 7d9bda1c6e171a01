"""The wire contract: envelope, payloads, systems, topics and the routes between systems. pydantic only."""
