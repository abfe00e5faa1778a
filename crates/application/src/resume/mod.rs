//! Resumes.

pub mod generated;
