//! Very many rows at once.

use alumx_domain::id::Id;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Integer, Text};

use super::invalid_value;

#[derive(QueryableByName)]
struct IndexName {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Runs `writes`, which write very many rows of these tables, with changes of their GIN indexes
/// gathered and merged in large batches: three times as fast. In a transaction, whose end makes
/// all as it was; after a failure the indexes are right as well, and the next vacuum merges what
/// was gathered.
pub(crate) fn in_bulk<T, E: From<diesel::result::Error>>(
    conn: &mut PgConnection,
    tables: &[&str],
    writes: impl FnOnce(&mut PgConnection) -> Result<T, E>,
) -> Result<T, E> {
    let indexes: Vec<IndexName> = diesel::sql_query(
        "SELECT c.oid::regclass::text AS name
         FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am am ON am.oid = c.relam
         WHERE i.indrelid = ANY($1::regclass[]) AND am.amname = 'gin'",
    )
    .bind::<Array<Text>, _>(tables)
    .load(conn)?;
    let gather = indexes
        .iter()
        .map(|index| format!("ALTER INDEX {} SET (fastupdate = on)", index.name))
        .chain(
            ["work_mem", "gin_pending_list_limit"].map(|what| format!("SET LOCAL {what} = '64MB'")),
        );
    for statement in gather {
        diesel::sql_query(statement).execute(conn)?;
    }
    let written = writes(conn)?;
    for IndexName { name } in indexes {
        diesel::sql_query("SELECT gin_clean_pending_list($1::regclass)")
            .bind::<Text, _>(&name)
            .execute(conn)?;
        diesel::sql_query(format!("ALTER INDEX {name} SET (fastupdate = off)")).execute(conn)?;
    }
    Ok(written)
}

#[derive(QueryableByName)]
struct Reserved {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// The next ids of `table`, ascending, as many as asked for: nobody else gets them.
pub(crate) fn reserve_ids<T>(
    conn: &mut PgConnection,
    table: &str,
    column: &str,
    count: u64,
) -> QueryResult<Vec<Id<T>>> {
    let count = i32::try_from(count).map_err(invalid_value)?;
    let mut reserved: Vec<Reserved> = diesel::sql_query(
        "SELECT nextval(pg_get_serial_sequence($1, $2)) AS id FROM generate_series(1, $3)",
    )
    .bind::<Text, _>(table)
    .bind::<Text, _>(column)
    .bind::<Integer, _>(count)
    .load(conn)?;
    reserved.sort_by_key(|reserved| reserved.id);
    reserved
        .into_iter()
        .map(|reserved| Id::try_from(reserved.id).map_err(invalid_value))
        .collect()
}
