"""On real servers: what the embedded broker and SQLite cannot show."""
