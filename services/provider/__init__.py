"""The service provider (көрсетілетін қызметті беруші / услугодатель): checks, decides, signs the act.

One system may serve several organisations; each has its own authorised person with an own key and certificate, and its
officers see only its matters.
"""
