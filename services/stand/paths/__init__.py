"""``egov paths``: every path that the regulations give, derived from the data, run and judged."""
