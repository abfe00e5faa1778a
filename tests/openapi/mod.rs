mod answers;
mod document;
pub mod schema;
