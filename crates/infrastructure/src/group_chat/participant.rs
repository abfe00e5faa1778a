//! Who is in a group.

use alumx_domain::account::UserId;
use alumx_domain::clock::Timestamp;
use alumx_domain::group_chat::{GroupId, Participant, ParticipantId};
use alumx_domain::page::{Page, PageRequest};
use diesel::prelude::*;

use crate::conversation::rows::seq;
use crate::db::invalid_value;
use crate::schema::{group_chat_participants as participants, users};
use crate::user::reference::UserRefRow;

#[derive(Queryable, Selectable)]
#[diesel(table_name = participants)]
struct ParticipantRow {
    id: i64,
    #[diesel(embed)]
    user: UserRefRow,
    role: String,
    joined_at: Timestamp,
    last_read_seq: i64,
}

impl ParticipantRow {
    fn into_participant(self) -> QueryResult<Participant> {
        Ok(Participant {
            id: self.id.try_into().map_err(invalid_value)?,
            user: self.user.into_ref()?,
            role: self.role.try_into().map_err(invalid_value)?,
            joined_at: self.joined_at,
            last_read_seq: seq(self.last_read_seq)?,
        })
    }
}

pub(super) fn find(
    conn: &mut PgConnection,
    id: GroupId,
    user: UserId,
) -> QueryResult<Option<Participant>> {
    let place = participants::group_id
        .eq(id.raw())
        .and(participants::user_id.eq(user.raw()));
    let row: Option<ParticipantRow> = participants::table
        .inner_join(users::table)
        .filter(place)
        .select(ParticipantRow::as_select())
        .first(conn)
        .optional()?;
    row.map(ParticipantRow::into_participant).transpose()
}

pub(super) fn list(
    conn: &mut PgConnection,
    id: GroupId,
    viewer: UserId,
    page: &PageRequest<ParticipantId>,
) -> QueryResult<Option<Page<Participant, ParticipantId>>> {
    let viewers = participants::table.filter(
        participants::group_id
            .eq(id.raw())
            .and(participants::user_id.eq(viewer.raw())),
    );
    if !diesel::select(diesel::dsl::exists(viewers)).get_result::<bool>(conn)? {
        return Ok(None);
    }
    let after = page.after.map_or(0, ParticipantId::raw);
    let rows: Vec<ParticipantRow> = participants::table
        .inner_join(users::table)
        .filter(participants::group_id.eq(id.raw()))
        .filter(participants::id.gt(after))
        .order(participants::id)
        .limit(page.limit.overfetch())
        .select(ParticipantRow::as_select())
        .load(conn)?;
    let items: QueryResult<Vec<Participant>> = rows
        .into_iter()
        .map(ParticipantRow::into_participant)
        .collect();
    Ok(Some(Page::cut(items?, page.limit, |item| item.id)))
}
