"""The fault suite: parts of the deployed stand fail while applications are under way, and the history proves that
nothing is lost or doubled."""
