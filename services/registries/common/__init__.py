"""What both registries are made of: signing, answering, the access log, faults, seeding. No service of its own."""
