//! Rights, what failures mean, and what clients are told, over a mocked store.

use alumx_domain::clock::Timestamp;
use alumx_domain::conversation::MockConversationRepository;
use mockall::predicate::eq;

use super::*;
use crate::testing::{
    Listener, MEMBERS, Told, caller, chat_id, clock, group_id, message, seq, user, value,
};

const BOTH: fn() -> [ConversationId; 2] = || {
    [
        ConversationId::Chat(chat_id()),
        ConversationId::Group(group_id()),
    ]
};

fn service(store: MockConversationRepository) -> (ConversationService, Arc<Listener>) {
    let listener = Arc::new(Listener::default());
    let service = ConversationService::new(Arc::new(store), listener.clone(), Arc::new(clock()));
    (service, listener)
}

fn hello() -> NewMessage {
    NewMessage {
        content: value("Hello"),
        client_message_id: None,
    }
}

fn event(conversation: ConversationId, happening: Happening) -> Vec<Told> {
    vec![Told::Event(ConversationEvent {
        conversation,
        membership: MEMBERS,
        happening,
    })]
}

#[tokio::test]
async fn a_new_message_is_told_and_a_repeat_is_not() {
    for (conversation, is_new) in BOTH().into_iter().flat_map(|c| [(c, true), (c, false)]) {
        let mut store = MockConversationRepository::new();
        store
            .expect_send()
            .with(
                eq(conversation),
                eq(user(1)),
                eq(hello()),
                eq(Timestamp::UNIX_EPOCH),
            )
            .once()
            .returning(move |conversation, _, _, _| {
                Ok(Sent {
                    message: message(conversation),
                    is_new,
                    membership: MEMBERS,
                })
            });
        let (service, listener) = service(store);

        let sent = service.send(caller(1), conversation, &hello()).await;

        assert_eq!(sent.unwrap().message, message(conversation));
        let created = Happening::MessageCreated(Box::new(message(conversation)));
        let told = if is_new {
            event(conversation, created)
        } else {
            vec![]
        };
        assert_eq!(listener.told(), told);
    }
}

#[tokio::test]
async fn what_could_not_be_sent_says_why_and_is_not_told() {
    type Case = (SendError, fn(&ConversationError) -> bool);
    let failures: [Case; 5] = [
        (SendError::SenderGone, |e| {
            matches!(e, ConversationError::CallerGone)
        }),
        (SendError::NotFound, |e| {
            matches!(e, ConversationError::NotFound)
        }),
        (SendError::RecipientDeleted, |e| {
            matches!(e, ConversationError::RecipientDeleted)
        }),
        (SendError::ClientMessageIdReused, |e| {
            matches!(e, ConversationError::ClientMessageIdReused)
        }),
        (
            SendError::Repository(RepositoryError::Unavailable("busy".to_owned())),
            |e| matches!(e, ConversationError::Repository(_)),
        ),
    ];
    for (failure, expected) in failures {
        let mut store = MockConversationRepository::new();
        store
            .expect_send()
            .return_once(move |_, _, _, _| Err(failure));
        let (service, listener) = service(store);

        let sent = service.send(caller(1), BOTH()[0], &hello()).await;

        let error = sent.unwrap_err();
        assert!(expected(&error), "{error:?}");
        assert_eq!(listener.told(), []);
    }
}

/// A store in which user 1 sent a message, looked at by somebody who is this there.
#[tokio::test]
async fn a_deletion_is_told_and_one_that_was_refused_is_not() {
    let [chat, group] = BOTH();
    for conversation in [chat, group] {
        let id = message(conversation).id;
        let mut store = MockConversationRepository::new();
        store
            .expect_delete_message()
            .with(
                eq(conversation),
                eq(user(2)),
                eq(id),
                eq(Timestamp::UNIX_EPOCH),
            )
            .returning(|_, _, _, _| Ok((seq(4), MEMBERS)));
        let (service, listener) = service(store);

        let deleted = service.delete_message(caller(2), conversation, id).await;

        assert!(deleted.is_ok());
        let happening = Happening::MessageDeleted {
            message: id,
            seq: seq(4),
        };
        assert_eq!(listener.told(), event(conversation, happening));
    }
    for refused_as_not_found in [true, false] {
        let mut store = MockConversationRepository::new();
        store.expect_delete_message().returning(move |_, _, _, _| {
            Err(if refused_as_not_found {
                DeleteMessageError::NotFound
            } else {
                DeleteMessageError::NotSender
            })
        });
        let (service, listener) = service(store);

        let id = message(chat).id;
        match service.delete_message(caller(2), chat, id).await {
            Err(ConversationError::MessageNotFound) => assert!(refused_as_not_found),
            Err(ConversationError::NotSender) => assert!(!refused_as_not_found),
            other => panic!("{other:?}"),
        }
        assert_eq!(listener.told(), []);
    }
}

#[tokio::test]
async fn reading_on_is_told_and_reading_again_is_not() {
    let position = ReadPosition {
        last_read_seq: seq(3),
        last_seq: seq(4),
    };
    for moved in [Some(MEMBERS), None] {
        let mut store = MockConversationRepository::new();
        store
            .expect_mark_read()
            .with(eq(BOTH()[1]), eq(user(2)), eq(seq(2)))
            .returning(move |_, _, _| Ok((position, moved)));
        let (service, listener) = service(store);

        let read = service.mark_read(caller(2), BOTH()[1], seq(2)).await;

        assert_eq!(read.unwrap(), position);
        let happening = Happening::Read {
            user: user(2),
            last_read_seq: seq(3),
        };
        let told = moved.map_or(vec![], |_| event(BOTH()[1], happening));
        assert_eq!(listener.told(), told);
    }
}

#[tokio::test]
async fn nobody_reads_what_is_not_there_and_nothing_is_told() {
    for beyond in [true, false] {
        let mut store = MockConversationRepository::new();
        store.expect_mark_read().returning(move |_, _, _| {
            Err(if beyond {
                MarkReadError::BeyondLast
            } else {
                MarkReadError::NotFound
            })
        });
        let (service, listener) = service(store);

        match service.mark_read(caller(1), BOTH()[0], seq(9)).await {
            Err(ConversationError::BeyondLast) => assert!(beyond),
            Err(ConversationError::NotFound) => assert!(!beyond),
            other => panic!("{other:?}"),
        }
        assert_eq!(listener.told(), []);
    }
}

#[tokio::test]
async fn a_page_is_read_as_asked_and_only_by_members() {
    let from = MessagesFrom::After(seq(7));
    let search: Option<MessageSearch> = Some(value("100%"));
    for member in [true, false] {
        let mut store = MockConversationRepository::new();
        store
            .expect_list_messages()
            .with(
                eq(BOTH()[1]),
                eq(user(1)),
                eq(from),
                eq(search.clone()),
                eq(PageSize::default()),
            )
            .returning(move |conversation, _, _, _, _| {
                Ok(member.then(|| Page {
                    items: vec![message(conversation)],
                    next: Some(seq(8)),
                }))
            });
        let (service, _) = service(store);

        let page = service
            .messages(
                caller(1),
                BOTH()[1],
                from,
                search.clone(),
                PageSize::default(),
            )
            .await;

        match page {
            Ok(page) => assert!(member && page.next == Some(seq(8)) && page.items.len() == 1),
            Err(ConversationError::NotFound) => assert!(!member),
            Err(other) => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn unread_messages_are_the_callers() {
    let totals = UnreadTotals {
        chat_messages: 2,
        group_messages: 3,
    };
    let mut store = MockConversationRepository::new();
    store
        .expect_unread_totals()
        .with(eq(user(1)))
        .returning(move |_| Ok(totals));

    let unread = service(store).0.unread_totals(caller(1)).await;

    assert_eq!(unread.unwrap(), totals);
}
