"""Judges whether a server conforms to an OpenAPI document."""
