"""``egov bench``: the stand measured against the bare pipeline it is built on, in one run on one machine.

``run`` is the order of the measurements; each of the other modules makes one kind of them. What the numbers include is
written down in ``docs/performance.md``.
"""
