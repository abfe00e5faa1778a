//! Who opens which chat, and what clients are told, over a mocked store.

use alumx_domain::chat::MockChatRepository;
use alumx_domain::clock::Timestamp;
use alumx_domain::conversation::{ReadPosition, Seq};
use mockall::predicate::eq;

use super::*;
use crate::testing::{Listener, Told, by, caller, chat_id, clock, user};

fn service(chats: MockChatRepository) -> (ChatService, Arc<Listener>) {
    let listener = Arc::new(Listener::default());
    let service = ChatService::new(Arc::new(chats), listener.clone(), Arc::new(clock()));
    (service, listener)
}

fn chat() -> Chat {
    Chat {
        id: chat_id(),
        other_user: by(2),
        last_message: None,
        position: ReadPosition {
            last_read_seq: Seq::ZERO,
            last_seq: Seq::ZERO,
        },
        other_last_read_seq: Seq::ZERO,
        created_at: Timestamp::UNIX_EPOCH,
        last_activity_at: Timestamp::UNIX_EPOCH,
    }
}

#[tokio::test]
async fn nobody_opens_a_chat_alone_and_nothing_is_written() {
    let (service, listener) = service(MockChatRepository::new());

    let alone = service.open(caller(1), user(1)).await;

    assert!(matches!(alone, Err(ChatError::WithOneself)));
    assert_eq!(listener.told(), []);
}

#[tokio::test]
async fn a_new_chat_is_told_and_one_that_was_there_is_not() {
    for is_new in [true, false] {
        let mut chats = MockChatRepository::new();
        chats
            .expect_open()
            .with(eq(user(1)), eq(user(2)), eq(Timestamp::UNIX_EPOCH))
            .once()
            .returning(move |_, _, _| Ok((chat(), is_new)));
        let (service, listener) = service(chats);

        let opened = service.open(caller(1), user(2)).await;

        assert_eq!(opened.unwrap(), (chat(), is_new));
        let created = Told::Event(ConversationEvent {
            conversation: ConversationId::Chat(chat_id()),
            membership: MembershipVersion::default(),
            happening: Happening::ChatCreated,
        });
        let told = if is_new { vec![created] } else { vec![] };
        assert_eq!(listener.told(), told);
    }
}

#[tokio::test]
async fn a_chat_that_could_not_be_opened_says_why_and_is_not_told() {
    for known in [true, false] {
        let mut chats = MockChatRepository::new();
        chats.expect_open().returning(move |_, _, _| {
            Err(if known {
                OpenChatError::OpenerGone
            } else {
                OpenChatError::UnknownUser
            })
        });
        let (service, listener) = service(chats);

        match service.open(caller(1), user(2)).await {
            Err(ChatError::CallerGone) => assert!(known),
            Err(ChatError::UnknownUser) => assert!(!known),
            other => panic!("{other:?}"),
        }
        assert_eq!(listener.told(), []);
    }
}

#[tokio::test]
async fn chats_are_found_and_listed_as_the_caller_sees_them() {
    let page = PageRequest {
        after: Some(chat().key()),
        limit: alumx_domain::page::PageSize::default(),
    };
    let mut chats = MockChatRepository::new();
    chats
        .expect_find()
        .with(eq(chat_id()), eq(user(1)))
        .returning(|_, _| Ok(Some(chat())));
    chats
        .expect_find()
        .with(eq(chat_id()), eq(user(9)))
        .returning(|_, _| Ok(None));
    chats
        .expect_list()
        .with(eq(user(1)), eq(page.clone()))
        .returning(|_, _| {
            Ok(Page {
                items: vec![chat()],
                next: None,
            })
        });
    let (service, _) = service(chats);

    let mine = service.chat(caller(1), chat_id()).await;
    let anothers = service.chat(caller(9), chat_id()).await;
    let all = service.chats(caller(1), page).await;

    assert_eq!(mine.unwrap(), chat());
    assert!(matches!(anothers, Err(ChatError::NotFound)));
    assert_eq!(all.unwrap().items, [chat()]);
}
