"""The database: engine and transactions, and the states that message handlers work on."""
