mod access;
mod bodies;
mod methods;
mod operations;
mod paths;
mod request_id;
