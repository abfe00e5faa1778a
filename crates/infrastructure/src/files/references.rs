//! Which files tables name.

use std::collections::HashSet;

use alumx_domain::file::{DeploymentId, FileKey, FileReferences, Folder};
use alumx_domain::repository::RepositoryError;
use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::{Array, Text};

use super::{UPLOADED, stored_key};
use crate::db::Db;
use crate::schema::deployment;

/// Asks PostgreSQL which files are named.
pub struct PgFileReferences(pub Db);

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    file: String,
}

/// The condition on the prefix is that of an index.
const NAMED: &str = "SELECT file_url AS file FROM resume WHERE file_url = ANY($1)
    UNION SELECT image_url FROM job_post_images
    WHERE image_url = ANY($2) AND image_url LIKE '/api/v1/images/%'";

#[async_trait]
impl FileReferences for PgFileReferences {
    async fn referenced(&self, keys: &[FileKey]) -> Result<HashSet<FileKey>, RepositoryError> {
        let of = |folder| keys.iter().filter(move |key| key.folder() == folder);
        let resumes: Vec<String> = of(Folder::Resumes).map(FileKey::to_string).collect();
        let images = of(Folder::Images).map(|key| format!("{UPLOADED}{}", key.name()));
        let images: Vec<String> = images.collect();
        self.0
            .run(move |conn| {
                let rows: Vec<Named> = diesel::sql_query(NAMED)
                    .bind::<Array<Text>, _>(resumes)
                    .bind::<Array<Text>, _>(images)
                    .load(conn)?;
                rows.into_iter().map(|row| stored_key(row.file)).collect()
            })
            .await
    }

    async fn deployment(&self) -> Result<DeploymentId, RepositoryError> {
        let id = self.0.run(|conn| {
            let id = deployment::table.select(deployment::id);
            id.first::<uuid::Uuid>(conn)
        });
        Ok(id.await?.into())
    }
}
