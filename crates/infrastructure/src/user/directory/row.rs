//! A user on a page of the directory.

use alumx_domain::account::UserId;
use alumx_domain::user::{DirectoryKey, DirectoryOrder, UserSummary};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, SmallInt, Text};

use crate::account::parsed;
use crate::db::invalid_value;
use crate::user::profile::{optional, stored_year};

#[derive(QueryableByName)]
pub(super) struct Row {
    #[diesel(sql_type = SmallInt)]
    tier: i16,
    #[diesel(sql_type = Text)]
    folded_name: String,
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Nullable<Text>)]
    username: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    role: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    current_company: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    role_current: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    location: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    department: Option<String>,
    #[diesel(sql_type = Nullable<SmallInt>)]
    graduation_year: Option<i16>,
    #[diesel(sql_type = Bool)]
    profile_completed: bool,
    #[diesel(sql_type = Array<Text>)]
    skills: Vec<String>,
}

impl Row {
    pub fn key(&self, order: DirectoryOrder) -> QueryResult<DirectoryKey> {
        let id = UserId::try_from(self.id).map_err(invalid_value)?;
        Ok(match order {
            DirectoryOrder::Relevance => DirectoryKey::Relevance {
                tier: self.tier,
                id,
            },
            DirectoryOrder::Name => DirectoryKey::Name {
                name: self.folded_name.clone(),
                id,
            },
            DirectoryOrder::Newest => DirectoryKey::Newest { id },
        })
    }

    pub fn into_summary(self) -> QueryResult<UserSummary> {
        Ok(UserSummary {
            id: self.id.try_into().map_err(invalid_value)?,
            username: parsed(self.username)?,
            name: parsed(self.name)?,
            role: parsed(self.role)?,
            current_company: optional(self.current_company)?,
            current_role: optional(self.role_current)?,
            location: optional(self.location)?,
            department: optional(self.department)?,
            graduation_year: stored_year(self.graduation_year)?,
            skills: self.skills,
            profile_completed: self.profile_completed,
        })
    }
}
