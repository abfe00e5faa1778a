//! Resumes.

mod generated;
mod json_resume;
