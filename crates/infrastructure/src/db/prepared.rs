//! Statements in SQL text that are prepared once per connection, as `sql_query` can't be.

use std::borrow::Cow;
use std::marker::PhantomData;

use alumx_domain::clock::Timestamp;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

/// A statement whose text never changes.
pub(crate) trait Sql: 'static {
    /// The SQL types of the columns that it answers.
    type Answer;

    /// The text, with `$1` to `$9` for the values.
    fn text() -> Cow<'static, str>;
}

/// A value of a statement.
pub(crate) enum Value {
    Number(i64),
    Numbers(Vec<i64>),
    Text(String),
    Time(Timestamp),
    Uuid(Option<Uuid>),
}

/// The statement `S` with its values.
pub(crate) struct Prepared<S, const N: usize> {
    values: [Value; N],
    statement: PhantomData<S>,
}

/// The statement `S`, to be run.
pub(crate) fn prepared<S: Sql, const N: usize>(values: [Value; N]) -> Prepared<S, N> {
    Prepared {
        values,
        statement: PhantomData,
    }
}

impl<S: Sql, const N: usize> QueryFragment<Pg> for Prepared<S, N> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let text = S::text();
        let mut pieces = text.split('$');
        out.push_sql(pieces.next().unwrap_or_default());
        for piece in pieces {
            // A value that is named twice is sent twice: Diesel numbers values as they come.
            let (number, rest) = piece.split_at_checked(1).unwrap_or_default();
            let value = number
                .parse()
                .ok()
                .and_then(|n: usize| self.values.get(n.wrapping_sub(1)))
                .ok_or_else(|| diesel::result::Error::QueryBuilderError("no such value".into()))?;
            value.push(&mut out)?;
            out.push_sql(rest);
        }
        Ok(())
    }
}

impl Value {
    fn push<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        match self {
            Self::Number(number) => out.push_bind_param::<BigInt, _>(number),
            Self::Numbers(numbers) => out.push_bind_param::<Array<BigInt>, _>(numbers),
            Self::Text(text) => out.push_bind_param::<Text, _>(text),
            Self::Time(time) => out.push_bind_param::<Timestamptz, _>(time),
            Self::Uuid(uuid) => out.push_bind_param::<Nullable<SqlUuid>, _>(uuid),
        }
    }
}

impl<S: Sql, const N: usize> QueryId for Prepared<S, N> {
    type QueryId = Prepared<S, N>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<S: Sql, const N: usize> Query for Prepared<S, N> {
    type SqlType = S::Answer;
}

impl<S, const N: usize> RunQueryDsl<PgConnection> for Prepared<S, N> {}
