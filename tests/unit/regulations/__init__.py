"""Regulations as data: loading, walking, verdicts, grounds, forms."""
