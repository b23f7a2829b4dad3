"""User tasks as people see them."""
