"""What maintainers run: one module for each target of the Makefile."""
