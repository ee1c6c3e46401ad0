//! Accounts that the register acted as: what one of them wrote is ours, whichever acts now.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use crate::model::ids::AccountId;

/// Accounts that the register acted as, as it last said.
#[derive(Debug, Default)]
pub struct Accounts(Mutex<BTreeSet<AccountId>>);

impl Accounts {
    /// Takes them over.
    pub fn learn(&self, accounts: BTreeSet<AccountId>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = accounts;
    }

    /// Those that are not the present one.
    pub fn former(&self, present: &AccountId) -> Vec<AccountId> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().filter(|known| !known.is(present)).cloned().collect()
    }

    /// Whether an account is the present one or one of before.
    pub fn have(&self, present: &AccountId, account: &AccountId) -> bool {
        account.is(present) || self.former(present).iter().any(|former| former.is(account))
    }
}
