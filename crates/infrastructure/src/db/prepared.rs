//! Statements in SQL text that are prepared once per connection, as `sql_query` can't be.

use std::borrow::Cow;
use std::marker::PhantomData;

use alumx_domain::clock::Timestamp;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Untyped, Uuid as SqlUuid};
use uuid::Uuid;

use super::invalid_value;

/// A statement whose text never changes.
pub(crate) trait Sql: 'static {
    /// The SQL types of the columns that it answers.
    type Answer;

    /// The text, with `$1`, `$2`, … for the values.
    fn text() -> Cow<'static, str>;
}

/// A value of a statement.
#[derive(Clone)]
pub(crate) enum Value {
    Number(i64),
    Numbers(Vec<i64>),
    Text(String),
    Texts(Vec<String>),
    Time(Timestamp),
    Times(Vec<Timestamp>),
    Uuid(Option<Uuid>),
    Uuids(Vec<Option<Uuid>>),
}

/// The statement `S` with its values.
pub(crate) struct Prepared<S> {
    values: Vec<Value>,
    statement: PhantomData<S>,
}

/// The statement `S`, to be run.
pub(crate) fn prepared<S: Sql>(values: impl Into<Vec<Value>>) -> Prepared<S> {
    Prepared {
        values: values.into(),
        statement: PhantomData,
    }
}

impl<S: Sql> QueryFragment<Pg> for Prepared<S> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        push(&mut out, &S::text(), &self.values)
    }
}

impl<S: Sql> QueryId for Prepared<S> {
    type QueryId = Prepared<S>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<S: Sql> Query for Prepared<S> {
    type SqlType = S::Answer;
}

impl<S> RunQueryDsl<PgConnection> for Prepared<S> {}

/// The values of a statement whose text is put together as it is needed.
#[derive(Default)]
pub(crate) struct Values(Vec<Value>);

impl Values {
    /// Adds a value and answers what stands for it in the text.
    pub fn add(&mut self, value: Value) -> String {
        self.0.push(value);
        format!("${}", self.0.len())
    }
}

/// A statement whose text was put together.
pub(crate) struct Statement {
    pub text: String,
    pub values: Values,
    /// Whether its text is one of a few, so that each connection keeps it; else it is parsed and
    /// planned each time, with its values in view.
    pub kept: bool,
}

impl QueryFragment<Pg> for Statement {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        if !self.kept {
            out.unsafe_to_cache_prepared();
        }
        push(&mut out, &self.text, &self.values.0)
    }
}

impl QueryId for Statement {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Statement {
    type SqlType = Untyped;
}

impl RunQueryDsl<PgConnection> for Statement {}

/// Pushes a text and what its `$1`, `$2`, … stand for.
///
/// Diesel numbers values where they are pushed, which is in a comment: so the text may name each of
/// them as often as it likes.
fn push<'b>(out: &mut AstPass<'_, 'b, Pg>, text: &str, values: &'b [Value]) -> QueryResult<()> {
    out.push_sql("/*");
    for value in values {
        out.push_sql(" ");
        value.push(out)?;
    }
    out.push_sql(" */ ");
    out.push_sql(text);
    Ok(())
}

impl Value {
    /// Makes an array of it, of which it is the first.
    pub fn begin_array(&mut self) {
        *self = match std::mem::replace(self, Self::Number(0)) {
            Self::Number(number) => Self::Numbers(vec![number]),
            Self::Text(text) => Self::Texts(vec![text]),
            Self::Time(time) => Self::Times(vec![time]),
            Self::Uuid(uuid) => Self::Uuids(vec![uuid]),
            array => array,
        };
    }

    /// Appends a value to an array of values of its type.
    pub fn append(&mut self, value: Self) -> QueryResult<()> {
        match (self, value) {
            (Self::Numbers(all), Self::Number(number)) => all.push(number),
            (Self::Texts(all), Self::Text(text)) => all.push(text),
            (Self::Times(all), Self::Time(time)) => all.push(time),
            (Self::Uuids(all), Self::Uuid(uuid)) => all.push(uuid),
            _ => return Err(invalid_value("a value is of another type than its array")),
        }
        Ok(())
    }

    fn push<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        match self {
            Self::Number(number) => out.push_bind_param::<BigInt, _>(number),
            Self::Numbers(numbers) => out.push_bind_param::<Array<BigInt>, _>(numbers),
            Self::Text(text) => out.push_bind_param::<Text, _>(text),
            Self::Texts(texts) => out.push_bind_param::<Array<Text>, _>(texts),
            Self::Time(time) => out.push_bind_param::<Timestamptz, _>(time),
            Self::Times(times) => out.push_bind_param::<Array<Timestamptz>, _>(times),
            Self::Uuid(uuid) => out.push_bind_param::<Nullable<SqlUuid>, _>(uuid),
            Self::Uuids(uuids) => out.push_bind_param::<Array<Nullable<SqlUuid>>, _>(uuids),
        }
    }
}
