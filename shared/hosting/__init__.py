"""Hosting a message-exchanging service: the web shell and the messaging platform under one life span."""
