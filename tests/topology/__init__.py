"""All services in one process on the embedded broker: what no single service can show."""
