//! The list of groups: the last active first.

use alumx_domain::account::Account;
use alumx_domain::conversation::ConversationId;
use alumx_domain::group_chat::{GroupChatRepository, GroupId, GroupKey};

use crate::support::{World, page};

/// All pages of this size, and after each what `between` does.
async fn pages(
    world: &World,
    viewer: &Account,
    size: i64,
    mut between: impl AsyncFnMut(usize),
) -> Vec<Vec<GroupId>> {
    let mut pages = Vec::new();
    let mut after: Option<GroupKey> = None;
    loop {
        let list = world.groups().list(viewer.id, page(after, size)).await;
        let list = list.unwrap();
        pages.push(list.items.iter().map(|group| group.id).collect());
        between(pages.len()).await;
        after = list.next;
        if after.is_none() {
            return pages;
        }
    }
}

#[tokio::test]
async fn groups_are_listed_by_last_activity_and_only_the_viewers() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let cyd = world.member("cyd").await;
    let mut groups = Vec::new();
    for second in [23, 21, 22, 22] {
        let group = world.group_of(&ada, &[&bob]).await;
        let conversation = ConversationId::Group(group);
        world.send_at(conversation, &ada, "Hi", second).await;
        groups.push(group);
    }
    world.group_of(&ada, &[&cyd]).await;
    let [first, second, third, fourth] = groups[..] else {
        panic!();
    };

    let all = pages(&world, &bob, 100, async |_| {}).await;
    let by_one = pages(&world, &bob, 1, async |_| {}).await;
    let by_three = pages(&world, &bob, 3, async |_| {}).await;
    let of_cyd = pages(&world, &cyd, 3, async |_| {}).await;

    assert_eq!(all, [[first, fourth, third, second]]);
    assert_eq!(by_one, [[first], [fourth], [third], [second]]);
    assert_eq!(by_three, [vec![first, fourth, third], vec![second]]);
    assert_eq!(of_cyd[0].len(), 1);
    let list = world.groups().list(bob.id, page(None, 1)).await.unwrap();
    let group = &list.items[0];
    assert_eq!(group.position.unread_count(), 1);
    assert_eq!(group.last_message.as_ref().unwrap().sender.id, ada.id);
}

#[tokio::test]
async fn what_is_written_meanwhile_moves_no_other_group() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let mut groups = Vec::new();
    for _ in 0..6 {
        groups.push(world.group_of(&ada, &[&bob]).await);
    }

    let pages = pages(&world, &bob, 2, async |n| {
        let listed_last = ConversationId::Group(groups[6 - 2 * n]);
        world.send(listed_last, &ada, "Hi").await;
    });

    let pages = pages.await;
    let pair = |n: usize| vec![groups[n], groups[n - 1]];
    assert_eq!(pages, [pair(5), pair(3), pair(1)]);
}
