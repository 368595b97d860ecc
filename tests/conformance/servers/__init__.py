"""Correct servers that share no code with the mock, written the way a server team writes them."""
