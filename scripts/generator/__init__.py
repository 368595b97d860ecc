"""Make a client package of an OpenAPI document.

`operations` reads what a client needs to know about each operation, `models` has openapi-python-client make classes of
the schemas, and `package` writes both down through the templates.
"""
