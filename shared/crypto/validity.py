"""How long the certificates of the stand are valid."""

from datetime import timedelta

from shared.kit.clock import EARLIEST, LATEST

VALID_FROM, VALID_UNTIL = EARLIEST - timedelta(days=1), LATEST + timedelta(days=366)
"""As long as the stand's clock can be set to, and a little longer, for time runs on. Thus no jump of the clock, in
either direction, ends a certificate that is in use, makes a signature of before worthless, or has everybody enrol anew
while messages are under way."""
