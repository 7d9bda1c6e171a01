"""Use cases of the provider: matters and their decision, attachments, officers, the printed form of an act."""
