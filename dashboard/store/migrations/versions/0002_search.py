"""lists of the words that were said, for search"""

from alembic import op

from dashboard.store import search

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    connection = op.get_bind()
    for statement in SQLITE if connection.dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
    search.add_all(connection)


# No text and no sizes are kept: what was said is in segments, and the newest hits come first, not the best. Rows have
# numbers of their own, for those of a table with a text key may change in a VACUUM (sqlite.org, "VACUUM"). A view takes
# a line for both tables, so that a webhook costs one statement more and not three.
SQLITE = (
    "CREATE TABLE search_rows (id INTEGER PRIMARY KEY, event_id TEXT NOT NULL)",
    "CREATE VIRTUAL TABLE search_words USING fts5(words, content='', columnsize=0, "
    "tokenize=\"unicode61 remove_diacritics 0 categories 'L* N* M* Co'\")",
    "CREATE VIEW search_entry AS SELECT event_id, '' AS words FROM search_rows",
    """CREATE TRIGGER search_enter INSTEAD OF INSERT ON search_entry BEGIN
    INSERT INTO search_rows (event_id) VALUES (NEW.event_id);
    INSERT INTO search_words (rowid, words) VALUES (last_insert_rowid(), NEW.words);
    END""",
)
POSTGRESQL = (
    "CREATE TABLE search_rows (id BIGSERIAL PRIMARY KEY, event_id TEXT NOT NULL, words TSVECTOR NOT NULL)",
    "CREATE INDEX search_by_word ON search_rows USING gin (words)",
)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP VIEW search_entry")
        op.drop_table("search_words")
    op.drop_table("search_rows")
