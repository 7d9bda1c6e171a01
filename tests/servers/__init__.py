"""Real servers for tests: they are started, stopped, frozen and dropped by whoever needs them."""
