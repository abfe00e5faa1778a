//! Resumes.

pub mod typeset;
