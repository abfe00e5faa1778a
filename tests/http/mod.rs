mod access;
mod bodies;
mod cursors;
mod methods;
mod metrics;
mod operations;
mod paths;
mod request_id;
