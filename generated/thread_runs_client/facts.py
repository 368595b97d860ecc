# Generated from openapi.yaml by `make generate`. Do not edit.
"""Facts of the spec that the client needs before its first call"""

VERSION = "0.1.0"
SERVER_URL = "https://api.openai.com/v1"
