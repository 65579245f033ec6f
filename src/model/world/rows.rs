//! The world as rows: what sled, snapshots and `verify` see. Each key is a prefix byte and the
//! key's fields; each value the record in postcard.

use super::{
    Answer, Approval, Ask, Data, DataKey, Deadline, EndedRun, Entry, Group, Head, Member, RuleKey,
    Run, ScheduleState, Seat, Throttle, World, dedup,
};
use crate::model::{Effect, EffectId, GroupNo, MemberNo, Millis, RunId, Text};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The name of a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RowKey {
    Head,
    Group(GroupNo),
    Member(MemberNo),
    Seat(GroupNo, MemberNo),
    Entry(u64),
    Run(RunId),
    Ended(u64),
    Effect(EffectId),
    Data(Box<DataKey>),
    Throttle(Box<RuleKey>),
    Schedule(Text, Option<GroupNo>),
    Appointment(Millis, Box<Deadline>),
    Ask(u64),
    Answer(u64, u32),
    Approval(u64),
    Spent(Text),
    Once(u64),
    Seen(Text, u64),
}

/// A stored row cannot be read: the store is damaged, or of a version that was not upgraded.
#[derive(Debug, thiserror::Error)]
#[error("row `{row}` cannot be read: {cause}")]
pub struct BadRow {
    row: String,
    cause: String,
}

impl RowKey {
    /// The key's bytes: a prefix byte, numbers big-endian so that rows of one kind stand in order.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![self.prefix()];
        match self {
            Self::Head => {}
            Self::Group(group) => bytes.extend(group.0.to_be_bytes()),
            Self::Member(member) => bytes.extend(member.0.to_be_bytes()),
            Self::Seat(group, member) => {
                bytes.extend(group.0.to_be_bytes());
                bytes.extend(member.0.to_be_bytes());
            }
            Self::Entry(number)
            | Self::Ended(number)
            | Self::Ask(number)
            | Self::Approval(number)
            | Self::Once(number) => bytes.extend(number.to_be_bytes()),
            Self::Run(id) => bytes.extend(id.0.to_be_bytes()),
            Self::Effect(id) => bytes.extend(id.0.to_be_bytes()),
            Self::Answer(ask, number) => {
                bytes.extend(ask.to_be_bytes());
                bytes.extend(number.to_be_bytes());
            }
            Self::Data(key) => bytes.extend(pack(key)),
            Self::Throttle(key) => bytes.extend(pack(key)),
            Self::Schedule(rule, group) => bytes.extend(pack(&(rule, group))),
            Self::Appointment(due, what) => {
                bytes.extend(due.to_be_bytes());
                bytes.extend(pack(what));
            }
            Self::Spent(key) => bytes.extend(key.as_bytes()),
            Self::Seen(connector, number) => {
                bytes.extend(number.to_be_bytes());
                bytes.extend(connector.as_bytes());
            }
        }
        bytes
    }

    const fn prefix(&self) -> u8 {
        match self {
            Self::Head => b'h',
            Self::Group(_) => b'g',
            Self::Member(_) => b'm',
            Self::Seat(..) => b's',
            Self::Entry(_) => b'l',
            Self::Run(_) => b'r',
            Self::Ended(_) => b'z',
            Self::Effect(_) => b'e',
            Self::Data(_) => b'd',
            Self::Throttle(_) => b't',
            Self::Schedule(..) => b'c',
            Self::Appointment(..) => b'p',
            Self::Ask(_) => b'q',
            Self::Answer(..) => b'a',
            Self::Approval(_) => b'y',
            Self::Spent(_) => b'u',
            Self::Once(_) => b'o',
            Self::Seen(..) => b'i',
        }
    }
}

impl World {
    /// The value of a row; `None` when there is no such row (any more).
    pub fn row(&self, key: &RowKey) -> Option<Vec<u8>> {
        Some(match key {
            RowKey::Head => pack(&self.head),
            RowKey::Group(no) => pack(self.group(*no)?),
            RowKey::Member(no) => pack(self.member(*no)?),
            RowKey::Seat(group, member) => pack(self.seat(*group, *member)?),
            RowKey::Entry(number) => pack(self.ledger.entries().get(*number as usize)?),
            RowKey::Run(id) => pack(self.runs.get(id)?),
            RowKey::Ended(number) => {
                let index = number.checked_sub(self.ended_from)?;
                pack(self.ended.get(index as usize)?)
            }
            RowKey::Effect(id) => pack(self.effects.get(id)?),
            RowKey::Data(key) => pack(&(key, self.data.get(key)?)),
            RowKey::Throttle(key) => pack(&(key, self.throttles.get(key)?)),
            RowKey::Schedule(rule, group) => {
                let key = (rule.clone(), *group);
                pack(&(&key, self.schedules.get(&key)?))
            }
            RowKey::Appointment(due, what) => {
                pack(self.appointments.get(&(*due, (**what).clone()))?)
            }
            RowKey::Ask(id) => pack(self.asks.get(id)?),
            RowKey::Answer(ask, number) => pack(self.answers.get(&(*ask, *number))?),
            RowKey::Approval(number) => pack(self.approvals.get(number)?),
            RowKey::Spent(key) => pack(self.spent.get(key)?),
            RowKey::Once(key) => self.once.contains(key).then(Vec::new)?,
            RowKey::Seen(connector, number) => {
                pack(&(connector, number, self.seen.block(connector, *number)?))
            }
        })
    }

    /// Every row there is, kind after kind; the same world always gives the same rows.
    pub fn row_keys(&self) -> Vec<RowKey> {
        let mut keys = vec![RowKey::Head];
        keys.extend(self.groups().map(|(no, _)| RowKey::Group(no)));
        keys.extend(self.members().map(|(no, _)| RowKey::Member(no)));
        for (group, facts) in self.groups() {
            keys.extend(
                facts
                    .seats
                    .keys()
                    .map(|member| RowKey::Seat(group, *member)),
            );
        }
        keys.extend((0..self.ledger.entries().len() as u64).map(RowKey::Entry));
        keys.extend(self.runs.keys().map(|id| RowKey::Run(*id)));
        keys.extend(
            (self.ended_from..)
                .take(self.ended.len())
                .map(RowKey::Ended),
        );
        keys.extend(self.effects.keys().map(|id| RowKey::Effect(*id)));
        keys.extend(
            self.data
                .keys()
                .map(|key| RowKey::Data(Box::new(key.clone()))),
        );
        keys.extend(
            self.throttles
                .keys()
                .map(|key| RowKey::Throttle(Box::new(key.clone()))),
        );
        keys.extend(
            self.schedules
                .keys()
                .map(|(rule, group)| RowKey::Schedule(rule.clone(), *group)),
        );
        keys.extend(
            self.appointments
                .iter()
                .map(|(due, what)| RowKey::Appointment(*due, Box::new(what.clone()))),
        );
        keys.extend(self.asks.keys().map(|id| RowKey::Ask(*id)));
        keys.extend(
            self.answers
                .keys()
                .map(|(ask, number)| RowKey::Answer(*ask, *number)),
        );
        keys.extend(
            self.approvals
                .keys()
                .map(|number| RowKey::Approval(*number)),
        );
        keys.extend(self.spent.keys().map(|key| RowKey::Spent(key.clone())));
        keys.extend(self.once.iter().map(|key| RowKey::Once(*key)));
        keys.extend(
            self.seen
                .blocks()
                .map(|(connector, no)| RowKey::Seen(connector.clone(), no)),
        );
        keys
    }

    /// Every row as bytes, ascending by key.
    pub fn rows(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut rows: Vec<_> = self
            .row_keys()
            .into_iter()
            .filter_map(|key| Some((key.to_bytes(), self.row(&key)?)))
            .collect();
        rows.sort();
        rows
    }

    /// A world from its rows, in ascending order of their keys.
    pub fn from_rows<I>(rows: I) -> Result<Self, BadRow>
    where
        I: IntoIterator<Item = (Vec<u8>, Vec<u8>)>,
    {
        let mut world = Self::default();
        let mut seats = Vec::new();
        for (key, value) in rows {
            if key.first() == Some(&b's') {
                seats.push((key, value));
            } else {
                world.load_row(&key, &value)?;
            }
        }
        for (key, value) in seats {
            world.load_seat(&key, &value)?;
        }
        world.touched.clear();
        Ok(world)
    }

    fn load_row(&mut self, key: &[u8], value: &[u8]) -> Result<(), BadRow> {
        let (prefix, tail) = key
            .split_first()
            .ok_or_else(|| bad(key, "the key is empty"))?;
        match prefix {
            b'h' => self.head = unpack::<Head>(key, value)?,
            b'g' => {
                let group: Group = unpack(key, value)?;
                let alarm = group.alarm;
                let no = self.add_group(group);
                if alarm != 0 {
                    self.deadlines.insert((alarm, Deadline::GroupSilence(no)));
                }
            }
            b'm' => {
                let member: Member = unpack(key, value)?;
                let end = member.next_label_end();
                let no = self.add_member(member);
                if let Some(due) = end {
                    self.deadlines.insert((due, Deadline::LabelEnd(no)));
                }
            }
            b'l' => self.ledger.restore(unpack::<Entry>(key, value)?),
            b'r' => self.put_run(unpack::<Run>(key, value)?),
            b'z' => {
                if self.ended.is_empty() {
                    self.ended_from = number(key, tail)?;
                }
                self.ended.push_back(unpack::<EndedRun>(key, value)?);
            }
            b'e' => self.put_effect(unpack::<Effect>(key, value)?),
            b'd' => {
                let (name, data) = unpack::<(DataKey, Data)>(key, value)?;
                self.data.insert(name, data);
            }
            _ => self.load_more(*prefix, key, tail, value)?,
        }
        Ok(())
    }

    fn load_more(
        &mut self,
        prefix: u8,
        key: &[u8],
        tail: &[u8],
        value: &[u8],
    ) -> Result<(), BadRow> {
        match prefix {
            b't' => {
                let (name, throttle) = unpack::<(RuleKey, Throttle)>(key, value)?;
                self.set_throttle(name, Some(throttle));
            }
            b'c' => {
                let ((rule, group), state) =
                    unpack::<((Text, Option<GroupNo>), ScheduleState)>(key, value)?;
                self.set_schedule(&rule, group, Some(state));
            }
            b'p' => {
                let (due, what) = unpack::<(Millis, Deadline)>(key, value)?;
                self.appoint(due, what);
            }
            b'q' => {
                self.asks
                    .insert(number(key, tail)?, unpack::<Ask>(key, value)?);
            }
            b'a' => {
                let (ask, rest) = tail
                    .split_at_checked(8)
                    .ok_or_else(|| bad(key, "short key"))?;
                let count: [u8; 4] = rest.try_into().map_err(|_cut| bad(key, "short key"))?;
                let name = (number(key, ask)?, u32::from_be_bytes(count));
                self.answers.insert(name, unpack::<Answer>(key, value)?);
            }
            b'y' => {
                self.approvals
                    .insert(number(key, tail)?, unpack::<Approval>(key, value)?);
            }
            b'u' => {
                let name =
                    std::str::from_utf8(tail).map_err(|cause| bad(key, &cause.to_string()))?;
                self.spent.insert(name.into(), unpack(key, value)?);
            }
            b'o' => {
                self.once.insert(number(key, tail)?);
            }
            b'i' => {
                let (connector, number, block) = unpack::<(Text, u64, dedup::Block)>(key, value)?;
                self.seen.restore(connector, number, block);
            }
            _ => return Err(bad(key, "no such kind of row")),
        }
        Ok(())
    }

    fn load_seat(&mut self, key: &[u8], value: &[u8]) -> Result<(), BadRow> {
        let tail = key.get(1..).unwrap_or_default();
        let both = number(key, tail)?;
        let (group, member) = (GroupNo((both >> 32) as u32), MemberNo(both as u32));
        let seat: Seat = unpack(key, value)?;
        if seat.alarm != 0 {
            self.deadlines
                .insert((seat.alarm, Deadline::Silence(group, member)));
        }
        let place = self.groups.get_mut(group.0 as usize);
        place
            .ok_or_else(|| bad(key, "its group is missing"))?
            .seats
            .insert(member, seat);
        Ok(())
    }
}

fn number(key: &[u8], tail: &[u8]) -> Result<u64, BadRow> {
    let eight: [u8; 8] = tail.try_into().map_err(|_cut| bad(key, "short key"))?;
    Ok(u64::from_be_bytes(eight))
}

fn bad(key: &[u8], cause: &str) -> BadRow {
    BadRow {
        row: String::from_utf8_lossy(key).into_owned(),
        cause: cause.to_owned(),
    }
}

fn unpack<T: DeserializeOwned>(key: &[u8], value: &[u8]) -> Result<T, BadRow> {
    postcard::from_bytes(value).map_err(|cause| bad(key, &cause.to_string()))
}

/// Our records hold only maps with known lengths and texts, which postcard always takes; an empty
/// value would be refused on reading, as a damaged row.
fn pack<T: Serialize>(record: &T) -> Vec<u8> {
    postcard::to_stdvec(record).unwrap_or_default()
}
