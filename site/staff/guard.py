"""The database's own refusal to change or delete what the record says."""

from typing import Any

from django.db import connections, transaction

TABLE = "staff_auditentry"
SAID = "Audit entries are never changed."
# Two references may be lost with what they refer to, whose name and kind stay as text.
REFERENCES = ["by_id", "content_type_id"]
CONTENT = ["id", "at", "person", "by_name", "action", "kind", "object_id", "label", "detail"]
SEAL = ["sequence", "previous_hash", "hash", "key_name"]  # given once, by the commit

POSTGRES_NAMES = ["staff_audit_guard", "staff_audit_guard_all"]
SQLITE_NAMES = ["staff_audit_no_update", "staff_audit_no_delete"]


def _is_kept(columns: list[str], operator: str) -> str:
    return " AND ".join(f"NEW.{column} {operator} OLD.{column}" for column in columns)


def _may_change(operator: str) -> str:
    lost = " AND ".join(f"(NEW.{name} IS NULL OR NEW.{name} {operator} OLD.{name})" for name in REFERENCES)
    return (
        f"{_is_kept(CONTENT, operator)} AND {lost} AND (OLD.sequence IS NULL OR ({_is_kept(SEAL, operator)}))"
    )


# What the stump says is removed may go, and nothing else.
MAY_GO = (
    "OLD.sequence IS NOT NULL AND OLD.sequence <= COALESCE((SELECT removed_number FROM staff_auditchain), 0)"
)

POSTGRES = [
    f"""
    CREATE OR REPLACE FUNCTION staff_audit_guard() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            IF {MAY_GO} THEN RETURN OLD; END IF;
        ELSIF TG_OP = 'UPDATE' THEN
            IF {_may_change("IS NOT DISTINCT FROM")} THEN RETURN NEW; END IF;
        END IF;
        RAISE EXCEPTION '{SAID}';
    END $$
    """,
    f"CREATE TRIGGER staff_audit_guard BEFORE UPDATE OR DELETE ON {TABLE}"
    " FOR EACH ROW EXECUTE FUNCTION staff_audit_guard()",
    f"CREATE TRIGGER staff_audit_guard_all BEFORE TRUNCATE ON {TABLE}"
    " FOR EACH STATEMENT EXECUTE FUNCTION staff_audit_guard()",
]
SQLITE = [
    f"CREATE TRIGGER staff_audit_no_update BEFORE UPDATE ON {TABLE} WHEN NOT ({_may_change('IS')})"
    f" BEGIN SELECT RAISE(ABORT, '{SAID}'); END",
    f"CREATE TRIGGER staff_audit_no_delete BEFORE DELETE ON {TABLE} WHEN NOT ({MAY_GO})"
    f" BEGIN SELECT RAISE(ABORT, '{SAID}'); END",
]


def ensure(using: str = "default") -> None:
    """Put the triggers there, or the newest of them; after migrations, which may rebuild the table."""
    connection = connections[using]
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        if TABLE not in tables or "staff_auditchain" not in tables or not _has_columns(connection, cursor):
            return
    with transaction.atomic(using), connection.cursor() as cursor:
        lift(using)
        for statement in POSTGRES if connection.vendor == "postgresql" else SQLITE:
            cursor.execute(statement)


def _has_columns(connection: Any, cursor: Any) -> bool:
    there = {column.name for column in connection.introspection.get_table_description(cursor, TABLE)}
    return {*CONTENT, *REFERENCES, *SEAL} <= there


def lift(using: str = "default") -> None:
    """Take the triggers away: before others are put there, and where tests empty the database."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for name in POSTGRES_NAMES:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {TABLE}")
        else:
            for name in SQLITE_NAMES:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


def stands(using: str = "default") -> bool:
    """Whether the triggers are there and switched on."""
    connection = connections[using]
    is_postgres = connection.vendor == "postgresql"
    names = POSTGRES_NAMES if is_postgres else SQLITE_NAMES
    query = (
        f"SELECT tgname FROM pg_trigger WHERE tgrelid = '{TABLE}'::regclass AND tgenabled <> 'D'"
        if is_postgres
        else f"SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '{TABLE}'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return set(names) <= {row[0] for row in cursor.fetchall()}


def ensure_after_migrations(sender: Any, using: str, **kwargs: Any) -> None:
    """Receives ``post_migrate`` of this room."""
    ensure(using)
