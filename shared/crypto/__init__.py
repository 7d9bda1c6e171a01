"""Certificates, trust and signatures of the stand: what proves who said what, and how it is checked.

Needs no server and no database; only ``authority`` speaks HTTP, to ``services/pki``.
"""
