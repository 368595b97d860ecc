"""Reads OpenAPI documents, and holds the one this distribution is built from."""

from pathlib import Path

PACKAGED = Path(__file__).with_name("openapi.yaml")
"""The OpenAPI document of this distribution."""
