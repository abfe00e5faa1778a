//! Many resumes at once, whose files are stored already.

use alumx_domain::resume::Resume;
use diesel::prelude::*;

use crate::db::invalid_value;
use crate::schema::resume;

/// Adds resumes of users who have none.
pub(crate) fn insert(conn: &mut PgConnection, resumes: &[Resume]) -> QueryResult<()> {
    let rows: Vec<_> = resumes
        .iter()
        .map(|new| {
            Ok((
                resume::user_id.eq(new.user.raw()),
                resume::file_name.eq(&*new.file_name),
                resume::file_type.eq(new.kind.media_type()),
                resume::file_url.eq(new.key.to_string()),
                resume::file_size.eq(i64::try_from(new.size).map_err(invalid_value)?),
                resume::sha256.eq(&new.sha256.0[..]),
                resume::version.eq(new.version),
                resume::uploaded_at.eq(new.uploaded_at),
            ))
        })
        .collect::<QueryResult<_>>()?;
    diesel::insert_into(resume::table)
        .values(rows)
        .execute(conn)
        .map(drop)
}
