//! A sum over what the history says of rows, by which a list of that is known without the history. Knows no database.

use data_encoding::HEXLOWER;

use super::stamps::{Account, of_json};
use crate::model::misfit::RowName;

/// A sum over rows and their digests, modulo 2²⁵⁶: the order does not matter, and a row is taken out as it was added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Root([u8; 32]);

impl Root {
    /// The sum over an account.
    pub(super) fn of(account: &Account) -> Self {
        account.iter().fold(Self::default(), |root, (row, digest)| root.with(row, digest))
    }

    /// With one more row.
    pub(super) fn with(self, row: &RowName, digest: &str) -> Self {
        self.plus(Self(term(row, digest)))
    }

    /// With everything that is in another sum.
    pub(super) fn plus(self, other: Self) -> Self {
        let mut carry = 0u16;
        let mut sum = self.0;
        for (to, part) in sum.iter_mut().zip(other.0).rev() {
            let total = u16::from(*to) + u16::from(part) + carry;
            *to = total.to_le_bytes()[0];
            carry = total >> 8;
        }
        Self(sum)
    }

    /// Without a row that was in it.
    pub(super) fn without(self, row: &RowName, digest: &str) -> Self {
        let mut borrow = 0i16;
        let mut sum = self.0;
        for (to, part) in sum.iter_mut().zip(term(row, digest)).rev() {
            let total = i16::from(*to) - i16::from(part) - borrow;
            *to = total.to_le_bytes()[0];
            borrow = i16::from(total < 0);
        }
        Self(sum)
    }

    /// In hexadecimal.
    pub(super) fn text(self) -> String {
        HEXLOWER.encode(&self.0)
    }

    /// From hexadecimal.
    pub(super) fn read(text: &str) -> Option<Self> {
        Some(Self(HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok()?))
    }
}

/// What tells a row and its digest from others, in few bytes.
pub(super) fn short(row: &RowName, digest: &str) -> u128 {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, ..] = term(row, digest);
    u128::from_be_bytes([a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p])
}

fn term(row: &RowName, digest: &str) -> [u8; 32] {
    of_json(&(&row.table, &row.key, digest))
}
