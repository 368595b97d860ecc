# Generated from openapi.yaml by `make generate`. Do not edit.
"""Facts of the contract that stand in no endpoint or model"""

VERSION = "0.1.0"
SERVER_URL = "https://api.openai.com/v1"
