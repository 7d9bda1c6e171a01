"""The consumer runtime: batches, inbox, outbox, delivery receipts, dead letters; the broker, embedded or real.

One turn of the loop: take a batch → verify all → drop what is in the inbox already → load all states → run the
handlers in order → ONE transaction with states, inbox, outbox, journal → publish → receipts → commit offsets.
"""
