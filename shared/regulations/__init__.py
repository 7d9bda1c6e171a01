"""Regulations as data: model, loader, flow, conformance, grounds and forms. Pure: no server, database or broker."""
