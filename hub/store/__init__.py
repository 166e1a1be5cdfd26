"""The store: SQLite or PostgreSQL behind `hub.ports.store`; the only owner of SQLAlchemy and Alembic."""
