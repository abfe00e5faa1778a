//! Which routes there are, which methods they have and who may come in, read from the OpenAPI
//! document: what is not documented does not exist, and what is not documented as public is not.

use std::collections::BTreeMap;

use actix_web::http::Method;
use serde_json::Value;
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::{OpenApi, PathItem, RefOr, Schema};

use super::rate_limit::Limit;

/// All documented routes.
pub struct RouteTable(matchit::Router<Route>);

/// A path with its methods.
pub struct Route {
    /// The path as documented, such as `/api/v1/users/{id}`.
    pub template: String,
    methods: BTreeMap<&'static str, Rules>,
    /// Parameters of the path that have a closed set of values, such as the names of lists.
    choices: BTreeMap<String, Vec<Value>>,
}

/// What a path is.
pub enum Found<'a> {
    /// A documented route.
    Route(&'a Route),
    /// It looks like a documented route, but names none of its choices: there is no such path.
    Nothing,
    /// No documented route: the docs page, or nothing.
    Undocumented,
}

/// What holds for a method of a route.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// Who may come in.
    pub access: Access,
    /// How often one may come.
    pub limit: Option<Limit>,
    /// How long it may take.
    pub takes: Takes,
    /// Whether it has query parameters, which it checks by itself.
    pub reads_query: bool,
}

/// How long a handler may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// What reading and writing take.
    Moments,
    /// That, and what the body takes to arrive.
    Body,
    /// As long as it takes: files on their way in or out, and sockets. They have time-outs of
    /// their own.
    ItsTime,
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
                .map(|(method, operation)| (method, rules(method, template, operation)))
                .collect();
            router.insert(
                template,
                Route {
                    template: template.clone(),
                    methods,
                    choices: choices(item),
                },
            )?;
        }
        Ok(Self(router))
    }

    /// What this path is.
    pub fn find(&self, path: &str) -> Found<'_> {
        let Ok(matched) = self.0.at(path) else {
            return Found::Undocumented;
        };
        let fits = |(name, choices): (&String, &Vec<Value>)| {
            let chosen = matched.params.get(name).unwrap_or_default();
            choices.iter().any(|choice| choice == chosen)
        };
        if matched.value.choices.iter().all(fits) {
            Found::Route(matched.value)
        } else {
            Found::Nothing
        }
    }
}

impl Route {
    /// What holds for this method; `None` if the route doesn't have it.
    pub fn rules(&self, method: &Method) -> Option<Rules> {
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

fn choices(item: &PathItem) -> BTreeMap<String, Vec<Value>> {
    let parameters = operations(item).flat_map(|(_, operation)| operation.parameters.iter());
    let choices = parameters.flatten().filter_map(|parameter| {
        let RefOr::T(parameter) = parameter else {
            return None;
        };
        let Some(RefOr::T(Schema::Object(schema))) = &parameter.schema else {
            return None;
        };
        let in_path = parameter.parameter_in == ParameterIn::Path;
        let values = schema.enum_values.clone().filter(|_| in_path)?;
        Some((parameter.name.clone(), values))
    });
    choices.collect()
}

fn rules(method: &str, template: &str, operation: &Operation) -> Rules {
    let mut parameters = operation.parameters.iter().flatten();
    let reads_query =
        parameters.any(|p| matches!(p, RefOr::T(p) if p.parameter_in == ParameterIn::Query));
    // An empty list of requirements takes back that of the whole document.
    let access = match &operation.security {
        Some(requirements) if requirements.is_empty() => Access::Public,
        _ => Access::Users,
    };
    Rules {
        access,
        limit: limit(method, template, operation),
        takes: takes(limit(method, template, operation), operation),
        reads_query,
    }
}

fn takes(limit: Option<Limit>, operation: &Operation) -> Takes {
    let answers = operation.responses.responses.iter();
    let good = answers.filter(|(status, _)| status.starts_with('2'));
    let mut types = good.flat_map(|(_, answer)| match answer {
        RefOr::T(answer) => answer.content.keys().collect(),
        RefOr::Ref(_) => Vec::new(),
    });
    let file = types.any(|media_type| media_type != "application/json");
    if file || matches!(limit, Some(Limit::Upload | Limit::Image | Limit::Socket)) {
        Takes::ItsTime
    } else if operation.request_body.is_some() {
        Takes::Body
    } else {
        Takes::Moments
    }
}

/// How often one may come to an operation.
pub fn limit(method: &str, template: &str, operation: &Operation) -> Option<Limit> {
    let security = operation.security.as_ref();
    let public = security.is_some_and(Vec::is_empty);
    let multipart = matches!(
        &operation.request_body,
        Some(RefOr::T(body)) if body.content.contains_key("multipart/form-data")
    );
    Limit::of(method, template, public, multipart)
}
