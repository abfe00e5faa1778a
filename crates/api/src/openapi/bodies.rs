//! What all bodies and all pages have in common.

use utoipa::openapi::schema::{AdditionalProperties, ArrayItems, Schema};
use utoipa::openapi::{Components, Content, OpenApi, Ref, RefOr, Required};

/// Bodies have the fields that they are documented with, and no others; one that may be left out
/// isn't written as null.
pub fn close(document: &mut OpenApi) {
    let operations = document.paths.paths.values_mut().flat_map(|item| {
        let operations = [&mut item.put, &mut item.post, &mut item.patch];
        operations.into_iter().flatten()
    });
    let mut names = Vec::new();
    for operation in operations {
        let Some(RefOr::T(body)) = &mut operation.request_body else {
            continue;
        };
        for content in body.content.values_mut() {
            let RefOr::T(Content {
                schema: Some(schema),
                ..
            }) = content
            else {
                continue;
            };
            if let RefOr::T(Schema::OneOf(or_null)) = schema
                && let Some(named) = or_null.items.iter().find(|s| matches!(s, RefOr::Ref(_)))
            {
                *schema = named.clone();
                body.required = Some(Required::False);
            }
            if let RefOr::Ref(named) = schema {
                names.extend(named.ref_location.rsplit('/').next().map(str::to_owned));
            }
        }
    }
    let components = document.components.get_or_insert_default();
    for name in names {
        if let Some(RefOr::T(Schema::Object(body))) = components.schemas.get_mut(&name) {
            body.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
        }
    }
}

/// Lists of one kind of thing name it, and show one.
pub fn complete_pages(components: &mut Components) {
    let example = |schema: &RefOr<Schema>| match schema {
        RefOr::T(Schema::Object(object)) => object.example.clone(),
        _ => None,
    };
    let examples: Vec<_> = components
        .schemas
        .iter()
        .filter_map(|(name, schema)| Some((name.clone(), example(schema)?)))
        .collect();
    for (item, example) in examples {
        let page = components.schemas.get_mut(&format!("Page_{item}"));
        let Some(RefOr::T(Schema::Object(page))) = page else {
            continue;
        };
        if let Some(RefOr::T(Schema::Array(items))) = page.properties.get_mut("items") {
            let item = RefOr::Ref(Ref::from_schema_name(item));
            items.items = ArrayItems::RefOrSchema(Box::new(item));
        }
        page.example = Some(serde_json::json!({
            "items": [example],
            "nextCursor": "WyJmZWVkIix7Im4iOnsiaWQiOjgxfX1d"
        }));
    }
}
