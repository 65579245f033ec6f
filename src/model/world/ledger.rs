//! Points: integers in a double-entry ledger. Entries are never edited, only reversed; a balance is
//! the sum of its entries.
#![deny(clippy::arithmetic_side_effects, clippy::float_arithmetic)]

use crate::model::{MemberNo, Millis, Text};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// One movement of points between a member and the community's account `counter`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub at: Millis,
    pub member: MemberNo,
    /// Positive: to the member.
    pub points: i64,
    /// The other side: `rewards/<playbook>`, `charges/<playbook>`, `operator/<name>`.
    pub counter: Text,
    pub reason: Text,
    /// Makes a repeated booking the same one.
    pub key: u64,
    /// The entry that this one takes back.
    pub reverses: Option<u64>,
}

/// All entries of a community and the sums they make.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    entries: Vec<Entry>,
    keys: BTreeSet<u64>,
    balances: BTreeMap<MemberNo, i64>,
    counters: BTreeMap<Text, i64>,
}

/// Why nothing was booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotBooked {
    /// The key was booked before.
    Repeated,
    /// It would take the balance below zero.
    Uncovered { balance: i64 },
    /// The sum would leave the range of 64 bits.
    OutOfRange,
}

impl Ledger {
    /// A member's points.
    pub fn balance(&self, member: MemberNo) -> i64 {
        self.balances.get(&member).copied().unwrap_or(0)
    }

    /// Every member that ever had points, with the balance.
    pub fn balances(&self) -> impl Iterator<Item = (MemberNo, i64)> + '_ {
        self.balances
            .iter()
            .map(|(member, points)| (*member, *points))
    }

    /// All entries, oldest first; the position is the entry's number.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Books an entry and gives its number. Refusals in order of precedence: repeated, out of
    /// range, uncovered.
    pub fn book(&mut self, entry: Entry) -> Result<u64, NotBooked> {
        if self.keys.contains(&entry.key) {
            return Err(NotBooked::Repeated);
        }
        let balance = self.balance(entry.member);
        let after = balance
            .checked_add(entry.points)
            .ok_or(NotBooked::OutOfRange)?;
        let counter = self.counters.get(&entry.counter).copied().unwrap_or(0);
        let counter_after = counter
            .checked_sub(entry.points)
            .ok_or(NotBooked::OutOfRange)?;
        if entry.points < 0 && after < 0 {
            return Err(NotBooked::Uncovered { balance });
        }
        self.keys.insert(entry.key);
        self.balances.insert(entry.member, after);
        self.counters.insert(entry.counter.clone(), counter_after);
        self.entries.push(entry);
        Ok(self.entries.len().saturating_sub(1) as u64)
    }

    /// Puts a stored entry back in its place when a world is loaded. Entries come in order.
    pub fn restore(&mut self, entry: Entry) {
        let balance = self.balances.entry(entry.member).or_default();
        *balance = balance.saturating_add(entry.points);
        let counter = self.counters.entry(entry.counter.clone()).or_default();
        *counter = counter.saturating_sub(entry.points);
        self.keys.insert(entry.key);
        self.entries.push(entry);
    }

    /// Both sides always sum to zero; anything else is a bug.
    pub fn is_balanced(&self) -> bool {
        let members = self
            .balances
            .values()
            .try_fold(0_i64, |sum, points| sum.checked_add(*points));
        let counters = self
            .counters
            .values()
            .try_fold(0_i64, |sum, points| sum.checked_add(*points));
        match (members, counters) {
            (Some(members), Some(counters)) => members.checked_add(counters) == Some(0),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(points: i64, key: u64) -> Entry {
        Entry {
            at: 0,
            member: MemberNo(1),
            points,
            counter: "rewards/x".into(),
            reason: "".into(),
            key,
            reverses: None,
        }
    }

    #[test]
    fn refusals_come_in_order_of_precedence() {
        let mut ledger = Ledger::default();
        assert_eq!(ledger.book(entry(50, 1)), Ok(0));
        assert_eq!(ledger.book(entry(i64::MAX, 1)), Err(NotBooked::Repeated));
        assert_eq!(ledger.book(entry(i64::MAX, 2)), Err(NotBooked::OutOfRange));
        assert_eq!(
            ledger.book(entry(-51, 2)),
            Err(NotBooked::Uncovered { balance: 50 })
        );
        assert_eq!(ledger.book(entry(-50, 2)), Ok(1));
        assert_eq!(ledger.balance(MemberNo(1)), 0);
        assert!(ledger.is_balanced());
    }

    #[test]
    fn a_restored_ledger_is_the_same() {
        let mut ledger = Ledger::default();
        for (index, points) in [10, 20, -5].into_iter().enumerate() {
            ledger.book(entry(points, index as u64)).unwrap();
        }
        let mut restored = Ledger::default();
        for entry in ledger.entries() {
            restored.restore(entry.clone());
        }
        assert_eq!(restored, ledger);
    }
}
