"""lists of the words that were said, for search"""

from alembic import op

from dashboard.store import search

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        op.execute("CREATE TABLE search_rows (id INTEGER PRIMARY KEY, event_id TEXT NOT NULL)")
        # No text and no sizes are kept: what was said is in segments, and the newest hits come first, not the best.
        op.execute(
            "CREATE VIRTUAL TABLE search_words USING fts5(words, content='', columnsize=0, "
            "tokenize=\"unicode61 remove_diacritics 0 categories 'L* N* M* Co'\")"
        )
    else:
        op.execute(
            "CREATE TABLE search_rows (id BIGSERIAL PRIMARY KEY, event_id TEXT NOT NULL, words TSVECTOR NOT NULL)"
        )
        op.execute("CREATE INDEX search_by_word ON search_rows USING gin (words)")
    search.add_all(connection)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.drop_table("search_words")
    op.drop_table("search_rows")
