//! Who may do what in a group. Asked with the roles that hold at that moment, behind a lock.

use super::{GrantableRole, ParticipantRole};
use ParticipantRole::{Admin, Member, Owner};

/// Why somebody in a group may not do something there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GroupRefusal {
    /// A member asked for what only the owner and admins may.
    #[error("only the owner and the admins of the group may do this")]
    NotGroupAdmin,
    /// Somebody else asked for what only the owner may.
    #[error("only the owner of the group may do this")]
    NotGroupOwner,
    /// Nobody removes or demotes the owner.
    #[error("the owner can be neither removed nor given another role")]
    OwnerIsFixed,
    /// The owner can't leave.
    #[error("the owner must hand the group over before leaving it")]
    OwnerMustHandOver,
    /// The one named is not in the group, though the right to do it is there.
    #[error("there is no such participant")]
    NotAParticipant,
}

impl ParticipantRole {
    /// Whether who is this may rename the group.
    pub fn may_rename(self) -> Result<(), GroupRefusal> {
        self.administering()
    }

    /// Whether who is this may delete the group.
    pub fn may_delete_group(self) -> Result<(), GroupRefusal> {
        self.owning()
    }

    /// Whether who is this may give `wanted` to somebody who is `target` now, or not in the group.
    pub fn may_place(
        self,
        target: Option<ParticipantRole>,
        wanted: GrantableRole,
    ) -> Result<(), GroupRefusal> {
        self.administering()?;
        if target == Some(Owner) {
            return Err(GroupRefusal::OwnerIsFixed);
        }
        if wanted == GrantableRole::Admin || target == Some(Admin) {
            self.owning()?;
        }
        Ok(())
    }

    /// Whether who is this may remove another who is `target`, or not in the group.
    pub fn may_remove(self, target: Option<ParticipantRole>) -> Result<(), GroupRefusal> {
        self.administering()?;
        match target {
            None => Err(GroupRefusal::NotAParticipant),
            Some(Owner) => Err(GroupRefusal::OwnerIsFixed),
            Some(Admin) => self.owning(),
            Some(Member) => Ok(()),
        }
    }

    /// Whether who is this may leave.
    pub fn may_leave(self) -> Result<(), GroupRefusal> {
        match self {
            Owner => Err(GroupRefusal::OwnerMustHandOver),
            Admin | Member => Ok(()),
        }
    }

    /// Whether who is this may hand the group over to somebody who is `target`, or not in it.
    pub fn may_hand_over(self, target: Option<ParticipantRole>) -> Result<(), GroupRefusal> {
        self.owning()?;
        target.map(drop).ok_or(GroupRefusal::NotAParticipant)
    }

    fn administering(self) -> Result<(), GroupRefusal> {
        self.administers()
            .then_some(())
            .ok_or(GroupRefusal::NotGroupAdmin)
    }

    fn owning(self) -> Result<(), GroupRefusal> {
        (self == Owner)
            .then_some(())
            .ok_or(GroupRefusal::NotGroupOwner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use GroupRefusal::{
        NotAParticipant, NotGroupAdmin, NotGroupOwner, OwnerIsFixed, OwnerMustHandOver,
    };

    const TARGETS: [Option<ParticipantRole>; 4] = [None, Some(Member), Some(Admin), Some(Owner)];

    #[test]
    fn owner_and_admins_rename_and_the_owner_deletes() {
        let may = |role: ParticipantRole| (role.may_rename(), role.may_delete_group());

        assert_eq!(may(Owner), (Ok(()), Ok(())));
        assert_eq!(may(Admin), (Ok(()), Err(NotGroupOwner)));
        assert_eq!(may(Member), (Err(NotGroupAdmin), Err(NotGroupOwner)));
    }

    #[test]
    fn owner_and_admins_place_members_and_only_the_owner_makes_and_unmakes_admins() {
        let place =
            |by: ParticipantRole, wanted| TARGETS.map(|target| by.may_place(target, wanted));

        let fixed = Err(OwnerIsFixed);
        let (admin, member) = (GrantableRole::Admin, GrantableRole::Member);
        assert_eq!(place(Owner, admin), [Ok(()), Ok(()), Ok(()), fixed]);
        assert_eq!(place(Owner, member), [Ok(()), Ok(()), Ok(()), fixed]);
        let owner = Err(NotGroupOwner);
        assert_eq!(place(Admin, admin), [owner, owner, owner, fixed]);
        assert_eq!(place(Admin, member), [Ok(()), Ok(()), owner, fixed]);
        assert_eq!(place(Member, admin), [Err(NotGroupAdmin); 4]);
        assert_eq!(place(Member, member), [Err(NotGroupAdmin); 4]);
    }

    #[test]
    fn owner_and_admins_remove_members_and_only_the_owner_admins() {
        let remove = |by: ParticipantRole| TARGETS.map(|target| by.may_remove(target));

        let (absent, fixed) = (Err(NotAParticipant), Err(OwnerIsFixed));
        assert_eq!(remove(Owner), [absent, Ok(()), Ok(()), fixed]);
        assert_eq!(remove(Admin), [absent, Ok(()), Err(NotGroupOwner), fixed]);
        assert_eq!(remove(Member), [Err(NotGroupAdmin); 4]);
    }

    #[test]
    fn everybody_leaves_but_the_owner_who_hands_over_first() {
        assert_eq!(Member.may_leave(), Ok(()));
        assert_eq!(Admin.may_leave(), Ok(()));
        assert_eq!(Owner.may_leave(), Err(OwnerMustHandOver));
        let hand_over = |by: ParticipantRole| TARGETS.map(|target| by.may_hand_over(target));
        let absent = Err(NotAParticipant);
        assert_eq!(hand_over(Owner), [absent, Ok(()), Ok(()), Ok(())]);
        assert_eq!(hand_over(Admin), [Err(NotGroupOwner); 4]);
        assert_eq!(hand_over(Member), [Err(NotGroupOwner); 4]);
    }
}
