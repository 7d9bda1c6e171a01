"""Printed forms: one page in Kazakh or Russian with the stand's mark."""
