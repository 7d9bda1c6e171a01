"""Builders of things tests need, one file per aggregate."""
