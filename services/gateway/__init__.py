"""The e-government gateway (ЭҮШ / ШЭП): verifies, authorises, logs, countersigns and relays every message between
systems, and keeps the journal."""
