# Generated from openapi.yaml by `make generate`. Do not edit.
"""A client library for accessing Thread Runs"""
