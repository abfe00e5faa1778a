mod access;
mod bodies;
mod methods;
mod metrics;
mod operations;
mod paths;
mod request_id;
