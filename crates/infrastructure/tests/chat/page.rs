//! The list of chats: the last active first.

use alumx_domain::account::Account;
use alumx_domain::chat::{ChatKey, ChatRepository};
use alumx_domain::conversation::ConversationId;

use crate::support::{World, page};

/// All pages of this size, by whom the chats are with, and after each what `between` does.
async fn pages(
    world: &World,
    viewer: &Account,
    size: i64,
    mut between: impl AsyncFnMut(usize),
) -> Vec<Vec<i64>> {
    let mut pages = Vec::new();
    let mut after: Option<ChatKey> = None;
    loop {
        let list = world.chats().list(viewer.id, page(after, size)).await;
        let list = list.unwrap();
        let others = list.items.iter().map(|chat| chat.other_user.id.raw());
        pages.push(others.collect());
        between(pages.len()).await;
        after = list.next;
        if after.is_none() {
            return pages;
        }
    }
}

#[tokio::test]
async fn chats_are_listed_by_last_activity_on_whichever_side_the_viewer_is() {
    let world = World::new();
    let before = [world.member("ada").await, world.member("bob").await];
    let mia = world.member("mia").await;
    let after = [world.member("cyd").await, world.member("dan").await];
    let others: Vec<&Account> = before.iter().chain(&after).collect();
    for (n, other) in others.iter().enumerate() {
        let chat = ConversationId::Chat(world.open(&mia, other).await);
        let second = [23, 21, 22, 22][n];
        world.send_at(chat, other, "Hi", second).await;
    }
    world.open(others[0], others[3]).await;
    let [ada, bob, cyd, dan] = [0, 1, 2, 3].map(|n| others[n].id.raw());

    let all = pages(&world, &mia, 100, async |_| {}).await;
    let by_one = pages(&world, &mia, 1, async |_| {}).await;
    let by_two = pages(&world, &mia, 2, async |_| {}).await;

    // Of two that are equally active, the newer one comes first.
    assert_eq!(all, [[ada, dan, cyd, bob]]);
    assert_eq!(by_one, [[ada], [dan], [cyd], [bob]]);
    assert_eq!(by_two, [[ada, dan], [cyd, bob]]);
    let first = world.chats().list(mia.id, page(None, 1)).await.unwrap();
    let first = &first.items[0];
    let message = first.last_message.as_ref().unwrap();
    assert_eq!(message.sender.id.raw(), ada);
    assert_eq!(first.position.unread_count(), 1);
}

#[tokio::test]
async fn what_is_written_meanwhile_moves_no_other_chat() {
    let world = World::new();
    let mia = world.member("mia").await;
    let mut chats = Vec::new();
    let mut others = Vec::new();
    for n in 0..6 {
        let other = world.member(&format!("user{n}")).await;
        chats.push(ConversationId::Chat(world.open(&mia, &other).await));
        others.push(other);
    }

    let pages = pages(&world, &mia, 2, async |n| {
        // The one that was listed last becomes the first.
        world.send(chats[6 - 2 * n], &others[6 - 2 * n], "Hi").await;
    });

    let id = |n: usize| others[n].id.raw();
    assert_eq!(
        pages.await,
        [[id(5), id(4)], [id(3), id(2)], [id(1), id(0)]]
    );
}
