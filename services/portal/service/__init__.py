"""Use cases of the portal, as diagram 2 of the regulations names them."""
