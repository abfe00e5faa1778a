//! The stage that gives some people a resume: the one that their profile makes.

use std::panic::resume_unwind;
use std::thread;

use alumx_application::ports::FileStore;
use alumx_application::resume::generated::GeneratedResume;
use alumx_domain::clock::Timestamp;
use alumx_domain::file::Folder;
use alumx_domain::resume::{Resume, ResumeKind};
use alumx_domain::user::Profile;
use diesel::prelude::*;

use super::crowd::Crowd;
use super::dice::Topic;
use super::{DemoError, DemoStage, Making};
use crate::files::{Spool, io_error};
use crate::resume::{bulk, typeset};

/// The tables that are filled here.
pub(super) const TABLES: [&str; 1] = ["resume"];

/// How many are made and written together.
const BATCH: usize = 50;

pub(super) fn add(
    conn: &mut PgConnection,
    making: &mut Making,
    crowd: &Crowd,
    store: &dyn FileStore,
) -> Result<(), DemoError> {
    for people in crowd.with_resume().chunks(BATCH) {
        let numbers = crowd.before + making.summary.resumes..;
        let uploads: Vec<_> = numbers
            .zip(people)
            .map(|(number, person)| {
                let mut dice = making.dice(Topic::Resume, number);
                let joined = person.created_at;
                (person, joined + dice.part(making.now - joined, 1))
            })
            .collect();
        let resumes = stored(&uploads, store)?;
        bulk::insert(conn, &resumes)?;
        making.summary.resumes += resumes.len() as u64;
        making.tell(DemoStage::Resumes);
    }
    Ok(())
}

/// Stores the files that these people uploaded. If the network isn't finished, they are left to
/// the sweep, as after any crash.
fn stored(
    uploads: &[(&Profile, Timestamp)],
    store: &dyn FileStore,
) -> Result<Vec<Resume>, DemoError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(io_error)?;
    let work = async {
        let spool = Spool::new(std::env::temp_dir());
        let mut resumes = Vec::new();
        for (person, at) in uploads {
            resumes.push(resume(person, *at, &spool, store).await?);
        }
        Ok(resumes)
    };
    // On a thread of its own: the caller's may belong to a runtime already.
    thread::scope(|scope| {
        let thread = scope.spawn(move || runtime.block_on(work));
        thread.join().unwrap_or_else(|panic| resume_unwind(panic))
    })
}

async fn resume(
    person: &Profile,
    uploaded_at: Timestamp,
    spool: &Spool,
    store: &dyn FileStore,
) -> Result<Resume, DemoError> {
    let pdf = typeset::pdf(&GeneratedResume::own(person.clone()))?;
    let upload = spool.start().await?.write(&pdf).await?.finish().await?;
    let (size, sha256) = (upload.size, upload.sha256);
    let kind = ResumeKind::Pdf;
    let key = store.put(Folder::Resumes, kind.extension(), upload).await?;
    Ok(Resume {
        user: person.id,
        file_name: format!("{}.{}", &*person.name, kind.extension()).try_into()?,
        kind,
        key,
        size,
        sha256,
        version: 1,
        uploaded_at,
    })
}
