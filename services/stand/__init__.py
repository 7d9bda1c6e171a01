"""The stand as a whole: all services in one process, the demo that plays through them, and the command line ``egov``.

The only package that may know several services; none of them knows it.
"""
