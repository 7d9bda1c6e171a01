"""What two or more services of the stand need: the kit, the wire contract, crypto, regulations, database, messaging,
web."""
