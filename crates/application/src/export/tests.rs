//! What is read out, over mocked ports.

use alumx_domain::account::{MockAccountRepository, MockSessionRepository};
use alumx_domain::audit::{AuditEvent, MockAuditRepository, Occasion};
use alumx_domain::chat::MockChatRepository;
use alumx_domain::conversation::MockConversationRepository;
use alumx_domain::group_chat::MockGroupChatRepository;
use alumx_domain::job_post::MockJobPostRepository;
use alumx_domain::resume::MockResumeRepository;
use alumx_domain::user::MockUserRepository;

use super::*;
use crate::ports::{MockFileStore, MockTokenIssuer};
use crate::testing::{caller, chat_id, clock};

/// A service whose ports are not asked unless a test expects it.
fn service(
    accounts: MockAccountRepository,
    conversations: MockConversationRepository,
    audit: MockAuditRepository,
) -> ExportService {
    let sessions = MockSessionRepository::new();
    service_of(accounts, sessions, conversations, audit)
}

fn service_of(
    accounts: MockAccountRepository,
    sessions: MockSessionRepository,
    conversations: MockConversationRepository,
    audit: MockAuditRepository,
) -> ExportService {
    let (sessions, clock) = (Arc::new(sessions), Arc::new(clock()));
    let tokens = Arc::new(MockTokenIssuer::new());
    let authenticator = Authenticator::new(tokens, sessions.clone(), clock.clone());
    ExportService::new(ExportPorts {
        accounts: Arc::new(accounts),
        sessions,
        users: Arc::new(MockUserRepository::new()),
        resumes: Arc::new(MockResumeRepository::new()),
        posts: Arc::new(MockJobPostRepository::new()),
        conversations: Arc::new(conversations),
        chats: Arc::new(MockChatRepository::new()),
        groups: Arc::new(MockGroupChatRepository::new()),
        audit: Arc::new(audit),
        files: Arc::new(MockFileStore::new()),
        authenticator: Arc::new(authenticator),
        clock,
    })
}

#[tokio::test]
async fn who_has_gone_gets_nothing() {
    let mut accounts = MockAccountRepository::new();
    accounts.expect_find().returning(|_| Ok(None));
    let service = service(
        accounts,
        MockConversationRepository::new(),
        MockAuditRepository::new(),
    );

    let account = service.account(caller(1)).await;

    assert!(matches!(account, Err(ExportError::CallerGone)));
}

#[tokio::test]
async fn a_conversation_that_was_left_meanwhile_has_no_messages() {
    let mut conversations = MockConversationRepository::new();
    conversations
        .expect_list_messages()
        .returning(|_, _, _, _, _| Ok(None));
    let service = service(
        MockAccountRepository::new(),
        conversations,
        MockAuditRepository::new(),
    );

    let id = ConversationId::Chat(chat_id());
    let messages = service.messages(caller(1), id, None).await.unwrap();

    assert_eq!((messages.items, messages.next), (Vec::new(), None));
}

#[tokio::test]
async fn an_export_goes_on_while_its_session_is_open_or_nobody_can_tell() {
    let check = async |found: Result<Option<Caller>, RepositoryError>| {
        let mut sessions = MockSessionRepository::new();
        sessions.expect_find_caller().return_once(|_| found);
        let service = service_of(
            MockAccountRepository::new(),
            sessions,
            MockConversationRepository::new(),
            MockAuditRepository::new(),
        );
        service.check(caller(1)).await
    };

    assert!(check(Ok(Some(caller(1)))).await.is_ok());
    let away = RepositoryError::Unavailable("away".to_owned());
    assert!(check(Err(away)).await.is_ok());
    let ended = check(Ok(None)).await;
    assert!(matches!(ended, Err(ExportError::SessionEnded)));
}

fn entry(id: i64) -> AuditEntry {
    AuditEntry {
        id: id.try_into().unwrap(),
        event: AuditEvent::RoleChanged,
        occasion: Occasion {
            actor: Some(caller(1).user),
            at: Timestamp::from_timestamp(id / 3, 0).unwrap(),
            ip_address: None,
            request_id: None,
        },
        target: Some(caller(id).user),
        role: None,
    }
}

/// A log of 250 entries. All but each fifth are about the caller, each third the caller did.
fn audit_log() -> MockAuditRepository {
    let mut audit = MockAuditRepository::new();
    audit.expect_list().returning(|filter, page| {
        let of_one = match (filter.target, filter.actor) {
            (Some(_), None) => |id: &i64| id % 5 != 0,
            (None, Some(_)) => |id: &i64| id % 3 == 0,
            other => panic!("nobody asked for {other:?}"),
        };
        let before = page.after.map_or(i64::MAX, |key| key.id.raw());
        let ids = (1..=250).rev().filter(of_one).filter(|id| *id < before);
        let entries = ids.take(101).map(entry).collect();
        Ok(Page::cut(entries, page.limit, AuditEntry::key))
    });
    audit
}

#[tokio::test]
async fn what_was_done_to_and_by_the_caller_is_one_list_through_all_pages() {
    let service = service(
        MockAccountRepository::new(),
        MockConversationRepository::new(),
        audit_log(),
    );

    let (mut read, mut pages, mut after) = (Vec::new(), 0, None);
    loop {
        let page = service.audit_log(caller(1), after).await.unwrap();
        read.extend(page.items.iter().map(|entry| entry.id.raw()));
        (after, pages) = (page.next, pages + 1);
        if after.is_none() {
            break;
        }
    }

    let expected = (1..=250).rev().filter(|id| id % 5 != 0 || id % 3 == 0);
    assert_eq!(read, expected.collect::<Vec<_>>());
    assert_eq!(pages, 3);
}
