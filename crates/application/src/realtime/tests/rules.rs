//! The hub's rules, one at a time.

use alumx_domain::clock::Timestamp;
use alumx_domain::conversation::{ConversationEvent, Happening, MessageId};

use super::stage::{Stage, here};
use super::{group, user};
use crate::realtime::{LiveEvent, SocketId};

#[test]
fn messages_are_told_in_the_order_of_their_numbers_however_they_come() {
    let mut stage = Stage::with(&[user(1), user(2)]);
    stage.ready(1, user(1));

    let (first, second) = (stage.database.send(here()), stage.database.send(here()));
    stage.happened(second);
    stage.answer();
    stage.happened(first);
    stage.answer();

    stage.assert_told(1, &["message 1", "message 2"]);
}

#[test]
fn what_is_said_twice_is_told_once() {
    let mut stage = Stage::with(&[user(1), user(2)]);
    stage.ready(1, user(1));
    stage.ready(2, user(2));

    let message = stage.database.send(here());
    stage.happened(message.clone());
    stage.signalled(message);
    stage.answer();

    stage.assert_told(1, &["message 1"]);
    stage.assert_told(2, &["message 1"]);
}

#[test]
fn the_removed_one_is_told_so_and_nothing_after_it() {
    let mut stage = Stage::with(&[user(1), user(2)]);
    stage.ready(1, user(1));
    stage.ready(2, user(2));

    let removal = stage.database.place(here(), user(2));
    let message = stage.database.send(here());
    // The message is known before the removal is.
    stage.happened(message);
    stage.answer();
    stage.happened(removal);
    let another = stage.database.send(here());
    stage.happened(another);
    stage.answer();

    stage.assert_told(2, &["removed 2"]);
    stage.assert_told(1, &["message 1", "removed 2", "message 2"]);
}

#[test]
fn who_returns_is_told_so_and_of_what_is_written_from_then_on() {
    let mut stage = Stage::with(&[user(1), user(2)]);
    stage.ready(2, user(2));

    let removal = stage.database.place(here(), user(2));
    stage.happened(removal);
    stage.answer();
    let missed = stage.database.send(here());
    stage.happened(missed);
    let back = stage.database.place(here(), user(2));
    stage.happened(back);
    let message = stage.database.send(here());
    stage.happened(message);
    stage.answer();

    stage.assert_told(2, &["removed 2", "added 2", "message 2"]);
}

#[test]
fn who_returns_is_not_told_again_of_a_message_that_is_deleted_just_then() {
    let mut stage = Stage::with(&[user(1), user(2)]);
    stage.ready(2, user(2));
    for _ in 0..2 {
        let message = stage.database.send(here());
        stage.happened(message);
        stage.answer();
    }
    let removal = stage.database.place(here(), user(2));
    stage.happened(removal);
    stage.answer();

    let addition = stage.database.place(here(), user(2));
    stage.happened(addition.clone());
    let (message, seq) = (MessageId::try_from(1).unwrap(), 1.try_into().unwrap());
    stage.happened(ConversationEvent {
        happening: Happening::MessageDeleted { message, seq },
        ..addition
    });
    stage.answer();

    let deletion = format!("{:?}", LiveEvent::MessageDeleted { message, seq });
    let told = ["message 1", "message 2", "removed 2", "added 2", &deletion];
    stage.assert_told(2, &told);
}

#[test]
fn a_deletion_is_told_at_once_to_all_who_believe_in_the_group() {
    let mut stage = Stage::with(&[user(1), user(2), user(3)]);
    stage.ready(1, user(1));
    stage.ready(2, user(2));

    // It is being found out who is in it, and one who is out was not told so yet.
    let removal = stage.database.place(here(), user(2));
    let message = stage.database.send(here());
    stage.happened(message);
    stage.answer();
    let added = stage.database.place(here(), user(2));
    stage.happened(added);
    let end = stage.database.delete(here());
    stage.happened(end);
    stage.answer();
    stage.happened(removal);
    stage.answer();

    stage.assert_told(1, &["message 1", "deleted"]);
    stage.assert_told(2, &["deleted"]);
}

#[test]
fn a_socket_that_becomes_ready_meanwhile_does_not_believe_in_a_deleted_group() {
    let mut stage = Stage::with(&[user(1), user(2)]);
    stage.connect(1, user(1));
    let question = stage.questions.remove(0);
    let old = stage.database.find_out(question);

    let end = stage.database.delete(here());
    stage.happened(end);
    stage.hub.answer(old);
    stage.act();
    stage.answer();

    stage.assert_told(1, &["ready "]);
}

#[test]
fn a_group_that_was_found_out_to_be_gone_is_silent_until_its_end_is_told() {
    let mut stage = Stage::with(&[user(1), user(2)]);
    stage.ready(1, user(1));

    let message = stage.database.send(here());
    let added = stage.database.place(here(), user(3));
    let end = stage.database.delete(here());
    stage.signalled(added);
    stage.signalled(message);
    stage.answer();
    stage.assert_told(1, &[]);
    stage.happened(end);
    stage.answer();

    stage.assert_told(1, &["deleted"]);
}

#[test]
fn after_a_loss_each_socket_is_told_where_things_stand_and_goes_on_from_there() {
    let mut stage = Stage::with(&[user(1), user(2)]);
    stage.ready(1, user(1));
    stage.ready(2, user(2));

    stage.database.send(here());
    stage.hub.lost();
    stage.act();
    stage.answer();
    let message = stage.database.send(here());
    stage.happened(message);
    stage.answer();

    stage.assert_told(1, &["resync 1", "message 2"]);
    stage.assert_told(2, &["resync 1", "message 2"]);
}

#[test]
fn losses_again_and_again_starve_nobody() {
    let mut stage = Stage::with(&[]);
    // More than are looked up at the same time.
    for n in 1..=20 {
        stage.ready(n, user(i64::try_from(n).unwrap()));
    }

    // After each loss there is time for four of them.
    for _ in 0..5 {
        stage.questions.clear();
        stage.hub.lost();
        stage.act();
        assert!(stage.hub.is_resyncing());
        for _ in 0..4 {
            let question = stage.questions.remove(0);
            let answer = stage.database.find_out(question);
            stage.hub.answer(answer);
            stage.act();
        }
    }

    for n in 1..=20 {
        stage.assert_told(n, &["resync "]);
    }
}

#[test]
fn too_much_that_waits_in_one_conversation_asks_for_a_resync_once_it_may() {
    let mut stage = Stage::with(&[user(1), user(2)]);
    stage.ready(1, user(1));

    // Nothing is found out.
    let message = stage.database.send(here());
    for _ in 0..5_000 {
        stage.signalled(message.clone());
    }
    assert!(stage.loses > 0);
    stage.assert_told(1, &[]);
    stage.questions.clear();
    stage.hub.lost();
    stage.act();
    stage.answer();

    stage.assert_told(1, &["resync 1"]);
}

#[test]
fn what_happens_while_a_socket_becomes_ready_is_told_after_ready_unless_ready_knows_it() {
    let mut stage = Stage::with(&[user(1), user(2)]);
    stage.ready(2, user(2));
    stage.connect(1, user(1));

    let (first, second) = (stage.database.send(here()), stage.database.send(here()));
    let question = stage.questions.remove(0);
    let known = stage.database.find_out(question);
    let (third, renamed) = (stage.database.send(here()), stage.database.update(here()));
    for event in [first, second, third, renamed] {
        stage.happened(event);
    }
    stage.answer();
    stage.hub.answer(known);
    stage.act();
    stage.answer();

    let all = ["message 1", "message 2", "message 3", "updated"];
    stage.assert_told(2, &all);
    // The lane was ahead of the look-up: ready says where the lane is.
    stage.assert_told(1, &["ready 3", "updated"]);
}

#[test]
fn what_was_written_before_the_news_of_a_new_group_came_is_told_after_it() {
    let mut stage = Stage::with(&[user(9)]);
    stage.ready(1, user(1));

    let created = stage.database.create(group(2), &[user(1), user(2)]);
    let message = stage.database.send(group(2));
    stage.happened(message);
    stage.happened(created);
    stage.answer();

    stage.assert_told(1, &["created", "message 1"]);
}

#[test]
fn of_too_many_sockets_the_oldest_is_closed() {
    let mut stage = Stage::with(&[user(1)]);
    stage.ready(1, user(1));
    stage.ready(2, user(1));
    stage.ready(3, user(1));

    let message = stage.database.send(here());
    stage.happened(message);
    stage.answer();

    assert_eq!(stage.closed, [SocketId(1)]);
    stage.assert_told(1, &[]);
    stage.assert_told(2, &["message 1"]);
    stage.assert_told(3, &["message 1"]);
}

#[test]
fn writing_that_was_not_told_because_other_news_waited_may_be_told_at_once() {
    let mut stage = Stage::with(&[user(1), user(2)]);
    stage.ready(1, user(1));
    stage.ready(2, user(2));

    let message = stage.database.send(here());
    stage.happened(message);
    stage.hub.typing(SocketId(1), here(), Timestamp::UNIX_EPOCH);
    stage.answer();
    stage.hub.typing(SocketId(1), here(), Timestamp::UNIX_EPOCH);
    stage.act();

    stage.assert_told(2, &["message 1", "typing 1"]);
}

#[test]
fn that_somebody_writes_is_told_to_the_other_members_and_strangers_are_refused() {
    let mut stage = Stage::with(&[user(1), user(2)]);
    for n in 1..=3 {
        stage.ready(n, user(i64::try_from(n).unwrap()));
    }
    stage.hub.typing(SocketId(1), here(), Timestamp::UNIX_EPOCH);
    stage.hub.typing(SocketId(1), here(), Timestamp::UNIX_EPOCH);
    stage.hub.typing(SocketId(3), here(), Timestamp::UNIX_EPOCH);
    stage.act();
    stage.answer();

    stage.assert_told(1, &[]);
    stage.assert_told(2, &["typing 1"]);
    stage.assert_told(3, &["refused"]);
}
