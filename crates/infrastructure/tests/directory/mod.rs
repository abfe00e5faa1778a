//! The directory: filters, ranking, pages, hostile texts and plans.

mod filter;
mod hostile;
mod paging;
mod plan;
mod search;

use alumx_domain::account::{AccountRepository, NewAccount, Role};
use alumx_domain::user::{
    DirectoryFilter, DirectoryKey, DirectoryOrder, ProfilePatch, UserRepository, UserSummary,
};

use crate::support::{World, new_account, page, value};

/// Who is listed, by username.
async fn listed(world: &World, filter: &DirectoryFilter, order: DirectoryOrder) -> Vec<String> {
    let page = world.users.list(filter, order, page(None, 100)).await;
    names(&page.unwrap().items)
}

/// Who is found by what somebody types, best first.
async fn found(world: &World, typed: &str) -> Vec<String> {
    listed(world, &search(typed), DirectoryOrder::Relevance).await
}

fn names(items: &[UserSummary]) -> Vec<String> {
    items.iter().map(|user| user.username.to_string()).collect()
}

fn search(typed: &str) -> DirectoryFilter {
    DirectoryFilter {
        search: Some(value(typed)),
        ..DirectoryFilter::default()
    }
}

/// Everybody but for what `change` asks.
fn only(change: impl FnOnce(&mut DirectoryFilter)) -> DirectoryFilter {
    let mut filter = DirectoryFilter::default();
    change(&mut filter);
    filter
}

/// All pages of this size, and after each of them what `between` does.
async fn paged(
    world: &World,
    filter: &DirectoryFilter,
    order: DirectoryOrder,
    size: i64,
    mut between: impl AsyncFnMut(usize),
) -> Vec<String> {
    let mut all = Vec::new();
    let mut after: Option<DirectoryKey> = None;
    for n in 0.. {
        let list = world.users.list(filter, order, page(after, size)).await;
        let list = list.unwrap();
        all.extend(names(&list.items));
        between(n).await;
        after = list.next;
        if after.is_none() {
            break;
        }
    }
    all
}

impl World {
    /// A user with a role and a profile.
    async fn person_as(&self, role: Role, username: &str, patch: ProfilePatch) {
        let account = NewAccount {
            role,
            ..new_account(username)
        };
        let account = self.accounts.insert(&account).await.unwrap();
        self.patch(account.id, patch).await;
    }
}
