//! Which routes there are, which methods they have and who may come in, read from the OpenAPI
//! document: what is not documented does not exist, and what is not documented as public is not.

use std::collections::BTreeMap;

use actix_web::http::Method;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{OpenApi, PathItem};

/// All documented routes.
pub struct RouteTable(matchit::Router<Route>);

/// A path with its methods.
pub struct Route {
    /// The path as documented, such as `/api/v1/users/{id}`.
    pub template: String,
    methods: BTreeMap<&'static str, Access>,
}

/// Who may come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody.
    Public,
    /// Signed-in users.
    Users,
}

impl RouteTable {
    /// The routes of this document.
    ///
    /// # Errors
    /// If two of its paths can't be told apart.
    pub fn new(document: &OpenApi) -> Result<Self, matchit::InsertError> {
        let mut router = matchit::Router::new();
        for (template, item) in &document.paths.paths {
            let methods = operations(item)
                .map(|(method, op)| (method, access(op)))
                .collect();
            router.insert(
                template,
                Route {
                    template: template.clone(),
                    methods,
                },
            )?;
        }
        Ok(Self(router))
    }

    /// The route of this path.
    pub fn find(&self, path: &str) -> Option<&Route> {
        self.0.at(path).ok().map(|matched| matched.value)
    }
}

impl Route {
    /// Who may use this method; `None` if the route doesn't have it.
    pub fn access(&self, method: &Method) -> Option<Access> {
        self.methods.get(method.as_str()).copied()
    }

    /// The methods that the route has.
    pub fn allowed(&self) -> Vec<Method> {
        let names = self.methods.keys().flat_map(|name| match *name {
            "GET" => vec!["GET", "HEAD"],
            name => vec![name],
        });
        names.filter_map(|name| name.parse().ok()).collect()
    }
}

/// The operations of a path by method.
pub fn operations(item: &PathItem) -> impl Iterator<Item = (&'static str, &Operation)> {
    let all = [
        ("GET", &item.get),
        ("PUT", &item.put),
        ("POST", &item.post),
        ("PATCH", &item.patch),
        ("DELETE", &item.delete),
    ];
    all.into_iter()
        .filter_map(|(method, operation)| Some((method, operation.as_ref()?)))
}

fn access(operation: &Operation) -> Access {
    // An empty list of requirements takes back that of the whole document.
    match &operation.security {
        Some(requirements) if requirements.is_empty() => Access::Public,
        _ => Access::Users,
    }
}
