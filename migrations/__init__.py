"""The history of the database's structure, as Alembic migrations."""
