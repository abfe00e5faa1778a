//! The AsyncAPI document of the WebSocket, made from the types of its frames.

use serde_json::{Map, Value, json};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::{ClientFrame, CloseCode, ServerFrame};
use crate::openapi::BASE_PATH;

const DESCRIPTION: &str = "What is said over the WebSocket of AlumX, in JSON, one frame a \
message.\n\n\
**Getting in.** The access token is in the header `Authorization: Bearer …` of the handshake, or \
in the first frame, `authenticate`, which must come within 5 seconds. `ready` follows, and from \
there on every event of every conversation that the user is in, to every socket of the user, also \
of what the user does. Send `authenticate` again with a new token of the same user before the old \
one expires, and the socket stays open.\n\n\
**Never missing anything.** Messages of a conversation come in the order of their `seq`, each \
once. After `ready` or `resync`, load what is after the last `seq` that you hold \
(`?afterSeq=`), up to the `lastSeq` that it names: what is later comes as events. Of a \
conversation that you do not know, or that its user was just added to, load the conversation. The \
list is of the 200 last active; with `truncated`, the rest is in `GET /chats` and \
`GET /group-chats`.\n\n\
**Limits.** Frames of at most 16 KiB; 60 at once and 20 a second for long, pings included; \
`typing` is told at most once in 3 seconds, more is ignored. A frame that can't be read is answered \
with `error`, the third closes the socket. The server pings every 15 seconds; a client that is \
silent for 30 is taken for gone.\n\n\
**Why a socket closes**\n\n| code | why |\n|---|---|\n";

/// The document.
pub fn document() -> Value {
    let codes: Vec<String> = CloseCode::ALL
        .iter()
        .map(|code| format!("| {} | {} |", code.number(), code.meaning()))
        .collect();
    let (sent, received) = (frames::<ServerFrame>(), frames::<ClientFrame>());
    let references = |frames: &[(String, Value)], prefix: &str| -> Vec<Value> {
        let reference = |(name, _): &(String, Value)| json!({"$ref": format!("{prefix}{name}")});
        frames.iter().map(reference).collect()
    };
    let in_channel = "#/channels/socket/messages/";
    // A client says `typing` too, so that its frames have names of their own.
    let received: Vec<_> = received
        .into_iter()
        .map(|(name, message)| (format!("client.{name}"), message))
        .collect();
    let operations = json!({
        "tell": {
            "action": "send",
            "channel": {"$ref": "#/channels/socket"},
            "summary": "What the server tells",
            "messages": references(&sent, in_channel),
        },
        "hear": {
            "action": "receive",
            "channel": {"$ref": "#/channels/socket"},
            "summary": "What a client says",
            "messages": references(&received, in_channel),
        },
    });
    let all = || sent.iter().chain(&received);
    let channel = all().map(|(name, _)| {
        let reference = format!("#/components/messages/{name}");
        (name.clone(), json!({"$ref": reference}))
    });
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "AlumX, live",
            "version": env!("CARGO_PKG_VERSION"),
            "description": format!("{DESCRIPTION}{}", codes.join("\n")),
        },
        "defaultContentType": "application/json",
        "channels": {
            "socket": {
                "address": format!("{BASE_PATH}/ws"),
                "summary": "The WebSocket",
                "messages": channel.collect::<Map<_, _>>(),
                "bindings": {"ws": {"method": "GET", "bindingVersion": "0.1.0"}},
            },
        },
        "operations": operations,
        "components": {
            "messages": all().cloned().collect::<Map<_, _>>(),
            "schemas": schemas(),
        },
    })
}

/// The frames of one direction: each variant of the type is a message.
fn frames<T: PartialSchema>() -> Vec<(String, Value)> {
    let schema = serde_json::to_value(T::schema()).unwrap_or_default();
    let variants = schema["oneOf"].as_array().cloned().unwrap_or_default();
    variants
        .into_iter()
        .map(|mut payload| {
            let name = payload["properties"]["type"]["enum"][0].clone();
            let name = name.as_str().unwrap_or_default().to_owned();
            let summary = payload["description"].take();
            if let Some(payload) = payload.as_object_mut() {
                payload.remove("description");
            }
            let message = json!({"name": name, "summary": summary, "payload": payload});
            (name, message)
        })
        .collect()
}

/// What the frames refer to.
fn schemas() -> Map<String, Value> {
    let mut schemas: Vec<(String, RefOr<Schema>)> = Vec::new();
    ServerFrame::schemas(&mut schemas);
    ClientFrame::schemas(&mut schemas);
    schemas
        .into_iter()
        .map(|(name, schema)| (name, serde_json::to_value(schema).unwrap_or_default()))
        .collect()
}
