mod answers;
mod document;
mod schema;
