"""One module a migration; each can be undone on a database that holds data."""
