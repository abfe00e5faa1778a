//! Signals as short texts, such as `m c12 3 77`: message 77 of chat 12, among its members as of
//! change 3.

use std::str::FromStr;

use alumx_application::realtime::{ConversationSignal, News, Signal};
use alumx_domain::conversation::{ConversationId, MembershipVersion, Seq};

/// Writes a signal.
pub(super) fn write(signal: &Signal) -> String {
    match signal {
        Signal::Conversation(signal) => write_conversation(signal),
        Signal::SessionEnded(session) => format!("s {session}"),
        Signal::AccountChanged(user) => format!("a {user}"),
        Signal::Lost => "l".to_owned(),
    }
}

fn write_conversation(signal: &ConversationSignal) -> String {
    let place = match signal.conversation {
        ConversationId::Chat(chat) => format!("c{chat}"),
        ConversationId::Group(group) => format!("g{group}"),
    };
    let version = signal.membership.0;
    let (kind, rest) = match signal.news {
        News::MessageCreated { seq } => ("m", seq.get().to_string()),
        News::MessageDeleted { message, seq } => ("d", format!("{message} {}", seq.get())),
        News::Read {
            user,
            last_read_seq,
        } => ("r", format!("{user} {}", last_read_seq.get())),
        News::ChatCreated => ("cc", String::new()),
        News::GroupCreated => ("gc", String::new()),
        News::GroupUpdated => ("gu", String::new()),
        News::GroupDeleted => ("gd", String::new()),
        News::ParticipantAdded { user } => ("pa", user.to_string()),
        News::ParticipantRemoved { user } => ("pr", user.to_string()),
        News::RoleChanged { user, role } => ("pc", format!("{user} {role}")),
        News::Typing { user } => ("t", user.to_string()),
    };
    format!("{kind} {place} {version} {rest}")
        .trim_end()
        .to_owned()
}

/// Reads a signal; `None` if it is none that this version knows.
pub(super) fn read(text: &str) -> Option<Signal> {
    let mut words = text.split(' ');
    let signal = match words.next()? {
        "s" => Signal::SessionEnded(parse(&mut words)?),
        "a" => Signal::AccountChanged(parse(&mut words)?),
        "l" => Signal::Lost,
        kind => Signal::Conversation(read_conversation(kind, &mut words)?),
    };
    words.next().is_none().then_some(signal)
}

fn read_conversation<'a>(
    kind: &str,
    words: &mut impl Iterator<Item = &'a str>,
) -> Option<ConversationSignal> {
    let (place, id) = words.next()?.split_at_checked(1)?;
    let conversation = match place {
        "c" => ConversationId::Chat(id.parse().ok()?),
        "g" => ConversationId::Group(id.parse().ok()?),
        _ => return None,
    };
    let membership = MembershipVersion(parse(words)?);
    let news = match kind {
        "m" => News::MessageCreated { seq: seq(words)? },
        "d" => News::MessageDeleted {
            message: parse(words)?,
            seq: seq(words)?,
        },
        "r" => News::Read {
            user: parse(words)?,
            last_read_seq: seq(words)?,
        },
        "cc" => News::ChatCreated,
        "gc" => News::GroupCreated,
        "gu" => News::GroupUpdated,
        "gd" => News::GroupDeleted,
        "pa" => News::ParticipantAdded {
            user: parse(words)?,
        },
        "pr" => News::ParticipantRemoved {
            user: parse(words)?,
        },
        "pc" => News::RoleChanged {
            user: parse(words)?,
            role: parse(words)?,
        },
        "t" => News::Typing {
            user: parse(words)?,
        },
        _ => return None,
    };
    Some(ConversationSignal {
        conversation,
        membership,
        news,
    })
}

fn parse<'a, T: FromStr>(words: &mut impl Iterator<Item = &'a str>) -> Option<T> {
    words.next()?.parse().ok()
}

fn seq<'a>(words: &mut impl Iterator<Item = &'a str>) -> Option<Seq> {
    Seq::try_from(parse::<i64>(words)?).ok()
}

#[cfg(test)]
pub(super) mod tests {
    use alumx_domain::chat::ChatId;
    use alumx_domain::group_chat::{GroupId, ParticipantRole};

    use super::*;

    /// One signal of each kind.
    pub(in crate::event_bus) fn all() -> Vec<Signal> {
        let user = i64::MAX.try_into().unwrap();
        let seq = Seq::try_from(i64::MAX).unwrap();
        let message = 7.try_into().unwrap();
        let last_read_seq = Seq::ZERO;
        let role = ParticipantRole::Admin;
        let news = [
            News::MessageCreated { seq },
            News::MessageDeleted { message, seq },
            News::Read {
                user,
                last_read_seq,
            },
            News::ChatCreated,
            News::GroupCreated,
            News::GroupUpdated,
            News::GroupDeleted,
            News::ParticipantAdded { user },
            News::ParticipantRemoved { user },
            News::RoleChanged { user, role },
            News::Typing { user },
        ];
        let places = [
            ConversationId::Chat(ChatId::try_from(12).unwrap()),
            ConversationId::Group(GroupId::try_from(13).unwrap()),
        ];
        let signals = places.into_iter().flat_map(|conversation| {
            news.map(|news| {
                Signal::Conversation(ConversationSignal {
                    conversation,
                    membership: MembershipVersion(3),
                    news,
                })
            })
        });
        let session = 5.try_into().unwrap();
        let others = [
            Signal::SessionEnded(session),
            Signal::AccountChanged(user),
            Signal::Lost,
        ];
        signals.chain(others).collect()
    }

    #[test]
    fn what_is_written_is_read_again() {
        for signal in all() {
            assert_eq!(read(&write(&signal)), Some(signal));
        }
        let seq = Seq::try_from(77).unwrap();
        let sent = Signal::Conversation(ConversationSignal {
            conversation: ConversationId::Chat(ChatId::try_from(12).unwrap()),
            membership: MembershipVersion(3),
            news: News::MessageCreated { seq },
        });
        assert_eq!(write(&sent), "m c12 3 77");
    }

    #[test]
    fn what_is_not_known_is_not_read() {
        for text in [
            "",
            " ",
            "x",
            "m",
            "m c1 1",
            "m c0 1 1",
            "m x1 1 1",
            "m c1 1 -1",
            "m c1 1 1 1",
            "m c1 a 1",
            "m é1 1 1",
            "s",
            "s 0",
            "pc g1 1 1 KING",
            "l 1",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
