//! Lookups: what many callers look for at the same time is found by one statement.
//!
//! A small read costs the messages to PostgreSQL and back, and the threads that wait and are woken
//! for them, more than what is done there. Under load, callers share them; one who comes alone has
//! a statement alone, and nobody is answered as of before the asking.

use std::borrow::Cow;
use std::marker::PhantomData;

use diesel::query_dsl::methods::LoadQuery;
use diesel::sql_types::BigInt;
use diesel::{PgConnection, QueryResult, RunQueryDsl};

use super::invalid_value;
use super::prepared::{Prepared, Sql, Value, prepared};
use super::together::Shared;

/// What is looked for by a statement that only reads.
pub(crate) trait Lookup: Send + 'static {
    /// What it is called in traces, as [`Shared::NAME`].
    const NAME: &'static str;

    /// The statement, which has no `OFFSET`.
    type Statement: Loads<Self::Row>;
    /// A row of it.
    type Row;
    /// What is made of the rows.
    type Answer: Send + 'static;

    /// The values of the statement, as many and of the same types for everybody.
    fn values(&self) -> Vec<Value>;

    /// Makes the answer of the rows, which are in the order of the statement.
    fn answer(&self, rows: Vec<Self::Row>) -> QueryResult<Self::Answer>;
}

impl<L: Lookup> Shared for L {
    type Answer = L::Answer;

    const NAME: &'static str = L::NAME;
    const LANES: usize = 1;
    const MOST: usize = 32;
    // A long page may have five times as many rows.
    const MOST_OF_LONG: usize = Self::MOST / 5;
    const MAY_REPEAT: bool = true;

    fn goes_with(&self, _: &[Self]) -> bool {
        true
    }

    fn alone(&self, conn: &mut PgConnection) -> QueryResult<L::Answer> {
        self.answer(L::Statement::load(conn, self.values())?)
    }

    fn together(conn: &mut PgConnection, these: &[Self]) -> QueryResult<Vec<Option<L::Answer>>> {
        let mut values = these.iter().map(Self::values);
        let mut arrays: Vec<Value> = values.next().unwrap_or_default();
        arrays.iter_mut().for_each(Value::begin_array);
        for values in values {
            if values.len() != arrays.len() {
                return Err(invalid_value("a caller has other values than the first"));
            }
            for (array, value) in arrays.iter_mut().zip(values) {
                array.append(value)?;
            }
        }
        let mut rows: Vec<Vec<L::Row>> = these.iter().map(|_| Vec::new()).collect();
        for (n, row) in L::Statement::load_each(conn, arrays)? {
            let own = usize::try_from(n - 1).ok().and_then(|n| rows.get_mut(n));
            own.ok_or_else(|| invalid_value("a row is of nobody"))?
                .push(row);
        }
        // Who has a row that can't be understood is told so alone.
        let answers = these.iter().zip(rows);
        Ok(answers.map(|(one, rows)| one.answer(rows).ok()).collect())
    }
}

/// The statement `S` for each of many callers: its rows, each with the number of whose it is.
///
/// Those of one caller are in the order of `S`: with an `OFFSET`, PostgreSQL takes it for no part
/// of a larger join, and can but run it once for each.
struct Each<S>(PhantomData<S>);

impl<S: Sql> Sql for Each<S> {
    type Answer = (BigInt, S::Answer);

    fn text() -> Cow<'static, str> {
        for_each(&S::text()).into()
    }
}

/// Each `$n` becomes the nth value of a caller.
fn for_each(text: &str) -> String {
    let mut parts = text.split('$');
    let mut one = parts.next().unwrap_or_default().to_owned();
    let mut count = 0;
    for part in parts {
        let digits = part.chars().take_while(char::is_ascii_digit).count();
        count = count.max(part[..digits].parse().unwrap_or(0));
        one.push_str("caller.v");
        one.push_str(part);
    }
    let all = |item: fn(usize) -> String| (1..=count).map(item).collect::<Vec<_>>().join(", ");
    // Behind a query, PostgreSQL doesn't see how long an array is: else it would plan short ones
    // anew each time, for it expects ten items where it doesn't know.
    let (arrays, names) = (all(|n| format!("(SELECT ${n})")), all(|n| format!("v{n}")));
    format!(
        "SELECT caller.n, one.* FROM unnest({arrays}) WITH ORDINALITY AS caller ({names}, n)
         CROSS JOIN LATERAL ({one} OFFSET 0) AS one"
    )
}

/// A statement whose rows can be loaded, for one caller or for many.
pub(crate) trait Loads<Row>: Sql {
    /// For one, with its values.
    fn load(conn: &mut PgConnection, values: Vec<Value>) -> QueryResult<Vec<Row>>;

    /// For many, with the arrays of their values.
    fn load_each(conn: &mut PgConnection, arrays: Vec<Value>) -> QueryResult<Vec<(i64, Row)>>;
}

impl<Row, S: Sql> Loads<Row> for S
where
    Prepared<S>: for<'q> LoadQuery<'q, PgConnection, Row>,
    Prepared<Each<S>>: for<'q> LoadQuery<'q, PgConnection, (i64, Row)>,
{
    fn load(conn: &mut PgConnection, values: Vec<Value>) -> QueryResult<Vec<Row>> {
        prepared::<S>(values).load(conn)
    }

    fn load_each(conn: &mut PgConnection, arrays: Vec<Value>) -> QueryResult<Vec<(i64, Row)>> {
        prepared::<Each<S>>(arrays).load(conn)
    }
}

#[cfg(test)]
mod tests {
    use super::for_each;

    #[test]
    fn each_value_is_the_caller_s() {
        let text = for_each("SELECT $1 + $2 WHERE $2 > $10");

        assert!(text.ends_with(
            "(SELECT caller.v1 + caller.v2 WHERE caller.v2 > caller.v10 OFFSET 0) AS one"
        ));
        assert!(text.contains("unnest((SELECT $1), (SELECT $2), "));
        assert!(text.contains("caller (v1, v2, v3, "));
        assert!(text.contains("v10, n)"));
    }
}
