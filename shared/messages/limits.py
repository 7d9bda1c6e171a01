"""How large the parts of a record may be, so that one that was taken can also be relayed, answered and set aside."""

RECORD = 1024 * 1024
"""A whole record with key and headers: what a producer sends at most."""
BATCH = RECORD + 4096
"""What a topic takes (``max.message.bytes``): a batch with one such record."""
VALUE = 960 * 1024
"""A message. What is left of a record is for the headers of whoever hands it on."""
KEY = 1024
HEADERS = 32 * 1024
"""Names and values of all headers together."""
REPORT = 16 * 1024
"""The report of a rejection, as JSON."""
