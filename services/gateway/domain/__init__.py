"""What the gateway knows and concludes, without any I/O: the message log, the journal, and how a run stands."""
