"""Why a statement works through data: the reasons that rules speak about."""

from __future__ import annotations

from enum import StrEnum

from watari.catalog import LockMode, Name
from watari.values import dataclass

__all__ = ["Cause", "Why"]


class Why(StrEnum):
    """One reason to read, build or rewrite; a rule each, or nearly so."""

    INDEX = "index"  # an index is built
    REINDEX = "reindex"
    CHECK = "check"  # a CHECK on columns that are there
    NEW_CHECK = "new_check"  # a CHECK that comes with a new column
    NOT_NULL = "not_null"
    REQUIRED = "required"  # NOT NULL of a new column without a value: it fails where rows are
    FOREIGN_KEY = "foreign_key"
    UNIQUE = "unique"
    PRIMARY_KEY = "primary_key"
    KEY_NOT_NULL = "key_not_null"  # a primary key over a column that may be NULL
    EXCLUSION = "exclusion"
    VALIDATE = "validate"
    ENFORCE = "enforce"
    TYPE = "type"  # a type whose values are other bytes
    TYPE_INDEX = "type_index"  # only an index has to be built anew
    TYPE_CHECK = "type_check"  # only a CHECK has to look again
    TYPE_KEY = "type_key"  # a foreign key has to look again
    VOLATILE_DEFAULT = "volatile_default"
    SERIAL = "serial"  # serial and identity
    STORED = "stored"
    DOMAIN = "domain"  # a column of a domain that restricts
    EXPRESSION = "expression"
    PERSISTENCE = "persistence"
    ACCESS_METHOD = "access_method"
    TABLESPACE = "tablespace"
    VACUUM_FULL = "vacuum_full"
    CLUSTER = "cluster"
    REFRESH = "refresh"
    REFRESH_CONCURRENTLY = "refresh_concurrently"
    ATTACH = "attach"
    ATTACH_INDEX = "attach_index"
    ATTACH_KEY = "attach_key"
    DEFAULT_PARTITION = "default_partition"
    DETACH = "detach"
    DOMAIN_CONSTRAINT = "domain_constraint"
    ROWS = "rows"  # UPDATE, DELETE
    QUERY = "query"
    MAINTENANCE = "maintenance"  # VACUUM, ANALYZE


@dataclass(frozen=True, kw_only=True)
class Cause:
    """One reason of one statement: what is worked through for it, and under which lock others wait, if they do.

    `relations` are those that existed before and hold rows. `lock` is the strongest lock on any of them while that lasts;
    `carried`: it comes from an earlier statement of the transaction. `detail` names the column, index or constraint.
    """

    why: Why
    detail: str
    relations: tuple[Name, ...]
    lock: LockMode | None
    carried: bool

    @property
    def waits(self) -> bool:
        """Whether others wait for as long as the work takes."""
        return bool(self.relations) and self.lock is not None and self.lock >= LockMode.SHARE
