"""PostgreSQL: tables, transactions, keys, migrations, and the embedded server."""
