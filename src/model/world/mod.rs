//! The facts of one community, as the journal folds to them. In memory whole; every part is also a
//! row (`rows.rs`), and what changed is noted so that the store can follow behind.

mod ask;
mod data;
mod dedup;
mod group;
mod ledger;
mod member;
mod pace;
mod rows;
mod run;

pub use ask::{Answer, Approval, ApprovalKind, Ask, Decision};
pub use data::{Counter, Data, DataKey, Streak};
pub use dedup::Seen;
pub use group::{Group, Standing};
pub use ledger::{Entry, Ledger, NotBooked};
pub use member::{Label, Member, Seat, clean_name};
pub use pace::{Deadline, RuleKey, ScheduleState, Throttle};
pub use rows::{BadRow, RowKey};
pub use run::{End, EndedRun, Failure, Frame, Run, Turn, Waiting, Watches};

use super::{
    Directory, Effect, EffectId, GroupNo, Hash, Map, MemberNo, Millis, RunId, Text, hash_of,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Counters and settings that are one row together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Head {
    pub community: Text,
    /// Seeds all chance; drawn once when the community is first seen.
    pub salt: u64,
    /// The time of the last input.
    pub at: Millis,
    pub rulebook: Hash,
    pub directory: Directory,
    /// Effects of the whole community wait until thawed.
    pub frozen: bool,
    pub runs_started: u64,
    pub approvals_opened: u64,
    pub effects_opened: u64,
    /// Guarded steps wait until then, after a deaf time.
    pub settle_until: Millis,
    /// Rules that panicked or looped, by `playbook/rule`, with the reason.
    pub parked_rules: BTreeMap<Text, Text>,
    /// Per connector: when it last told that it listens, and when it was deaf.
    pub hearing: BTreeMap<Text, Hearing>,
    /// Groups that no community claims, by `connector/external`, with when they were first seen.
    pub unclaimed: BTreeMap<Text, Millis>,
}

/// When a connector listened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hearing {
    pub last_heartbeat: Millis,
    /// (from, to), ascending.
    pub deaf: Vec<(Millis, Millis)>,
    /// Updates the platform still holds for us.
    pub pending: u64,
    pub problem: Option<Text>,
}

/// Use of a guarded step: when it happened lately, per `playbook/step`.
pub type Spent = BTreeMap<Text, Vec<Millis>>;

/// The facts of one community.
#[derive(Clone, Debug, Default)]
pub struct World {
    pub head: Head,
    groups: Vec<Group>,
    group_ids: BTreeMap<Text, GroupNo>,
    /// (connector, external id, present or former).
    places: BTreeMap<(Text, Text), GroupNo>,
    members: Vec<Member>,
    /// Hash of (connector, id) to member; a collision moves on to the next number.
    people: Map<u64, MemberNo>,
    pub ledger: Ledger,
    pub seen: Seen,
    runs: BTreeMap<RunId, Run>,
    /// Live runs by rule and key.
    active: BTreeMap<RuleKey, BTreeSet<RunId>>,
    pub ended: VecDeque<EndedRun>,
    /// The number of the oldest entry of `ended`: rows are numbered.
    pub ended_from: u64,
    /// Live runs by the member and the group they are about: who is touched by what happens there.
    by_member: BTreeMap<MemberNo, BTreeSet<RunId>>,
    by_group: BTreeMap<GroupNo, BTreeSet<RunId>>,
    /// Live runs that anyone's doings concern.
    by_anyone: BTreeSet<RunId>,
    effects: BTreeMap<EffectId, Effect>,
    data: BTreeMap<DataKey, Data>,
    throttles: BTreeMap<RuleKey, Throttle>,
    schedules: BTreeMap<(Text, Option<GroupNo>), ScheduleState>,
    /// Explicit one-shot deadlines that no other row implies.
    appointments: BTreeSet<(Millis, Deadline)>,
    pub asks: BTreeMap<u64, Ask>,
    answers: BTreeMap<(u64, u32), Answer>,
    pub approvals: BTreeMap<u64, Approval>,
    pub spent: Spent,
    once: BTreeSet<u64>,
    deadlines: BTreeSet<(Millis, Deadline)>,
    touched: BTreeSet<RowKey>,
}

impl World {
    /// An empty community.
    pub fn new(community: Text, salt: u64) -> Self {
        Self {
            head: Head {
                community,
                salt,
                ..Head::default()
            },
            ..Self::default()
        }
    }

    // ---- groups ----------------------------------------------------------------------------

    /// All groups with their numbers.
    pub fn groups(&self) -> impl Iterator<Item = (GroupNo, &Group)> + '_ {
        self.groups
            .iter()
            .enumerate()
            .map(|(no, group)| (GroupNo(no as u32), group))
    }

    /// A group. Numbers come from this world only, so it is there.
    pub fn group(&self, no: GroupNo) -> Option<&Group> {
        self.groups.get(no.0 as usize)
    }

    /// A group to change; its row counts as touched.
    pub fn group_mut(&mut self, no: GroupNo) -> Option<&mut Group> {
        self.touched.insert(RowKey::Group(no));
        self.groups.get_mut(no.0 as usize)
    }

    /// The group of that id in playbooks.
    pub fn group_by_id(&self, id: &str) -> Option<GroupNo> {
        self.group_ids.get(id).copied()
    }

    /// The group of that platform id, also a former one.
    pub fn group_at(&self, connector: &Text, external: &Text) -> Option<GroupNo> {
        self.places
            .get(&(connector.clone(), external.clone()))
            .copied()
    }

    /// Adds a group; its id must be new.
    pub fn add_group(&mut self, group: Group) -> GroupNo {
        let no = GroupNo(self.groups.len() as u32);
        self.index_group(no, &group);
        self.groups.push(group);
        self.touched.insert(RowKey::Group(no));
        no
    }

    /// Gives a group another platform id; the old one stays an alias.
    pub fn move_group(&mut self, no: GroupNo, external: Text) {
        if let Some(group) = self.group_mut(no) {
            let former = std::mem::replace(&mut group.external, external.clone());
            if former != external && !group.former.contains(&former) {
                group.former.push(former);
            }
            let connector = group.connector.clone();
            self.places.insert((connector, external), no);
        }
    }

    /// Gives a group another id for playbooks.
    pub fn rename_group_id(&mut self, no: GroupNo, id: Text) {
        if let Some(group) = self.group_mut(no) {
            let old = std::mem::replace(&mut group.id, id.clone());
            self.group_ids.remove(&old);
            self.group_ids.insert(id, no);
        }
    }

    fn index_group(&mut self, no: GroupNo, group: &Group) {
        self.group_ids.insert(group.id.clone(), no);
        for external in group.former.iter().chain([&group.external]) {
            self.places
                .insert((group.connector.clone(), external.clone()), no);
        }
    }

    // ---- members and seats -----------------------------------------------------------------

    /// All members with their numbers.
    pub fn members(&self) -> impl Iterator<Item = (MemberNo, &Member)> + '_ {
        self.members
            .iter()
            .enumerate()
            .map(|(no, member)| (MemberNo(no as u32), member))
    }

    /// A member.
    pub fn member(&self, no: MemberNo) -> Option<&Member> {
        self.members.get(no.0 as usize)
    }

    /// A member to change; the row counts as touched.
    pub fn member_mut(&mut self, no: MemberNo) -> Option<&mut Member> {
        self.touched.insert(RowKey::Member(no));
        self.members.get_mut(no.0 as usize)
    }

    /// The member of that platform id.
    pub fn member_at(&self, connector: &str, id: &str) -> Option<MemberNo> {
        let mut hash = person_hash(connector, id);
        loop {
            let no = *self.people.get(&hash)?;
            let member = self.members.get(no.0 as usize)?;
            if &*member.id == id && &*member.connector == connector {
                return Some(no);
            }
            hash = hash.wrapping_add(1);
        }
    }

    /// The member of that key, `connector/id`.
    pub fn member_by_key(&self, key: &str) -> Option<MemberNo> {
        let (connector, id) = key.split_once('/')?;
        self.member_at(connector, id)
    }

    /// Adds a member; the platform id must be new.
    pub fn add_member(&mut self, member: Member) -> MemberNo {
        let no = MemberNo(self.members.len() as u32);
        self.index_member(no, &member);
        self.members.push(member);
        self.touched.insert(RowKey::Member(no));
        no
    }

    fn index_member(&mut self, no: MemberNo, member: &Member) {
        let mut hash = person_hash(&member.connector, &member.id);
        while self.people.contains_key(&hash) {
            hash = hash.wrapping_add(1);
        }
        self.people.insert(hash, no);
    }

    /// A member's seat in a group.
    pub fn seat(&self, group: GroupNo, member: MemberNo) -> Option<&Seat> {
        self.group(group)?.seats.get(&member)
    }

    /// A seat to change; its row counts as touched.
    pub fn seat_mut(&mut self, group: GroupNo, member: MemberNo) -> Option<&mut Seat> {
        let seat = self
            .groups
            .get_mut(group.0 as usize)?
            .seats
            .get_mut(&member)?;
        self.touched.insert(RowKey::Seat(group, member));
        Some(seat)
    }

    /// Seats a member.
    pub fn add_seat(&mut self, group: GroupNo, member: MemberNo, seat: Seat) {
        self.touched.insert(RowKey::Seat(group, member));
        if let Some(person) = self.member_mut(member)
            && let Err(place) = person.groups.binary_search(&group)
        {
            person.groups.insert(place, group);
        }
        if let Some(group) = self.groups.get_mut(group.0 as usize) {
            group.seats.insert(member, seat);
        }
    }

    /// Takes a seat away, with its deadline.
    pub fn remove_seat(&mut self, group: GroupNo, member: MemberNo) -> Option<Seat> {
        let seat = self
            .groups
            .get_mut(group.0 as usize)?
            .seats
            .remove(&member)?;
        self.touched.insert(RowKey::Seat(group, member));
        if let Some(person) = self.member_mut(member) {
            person.groups.retain(|known| *known != group);
        }
        self.deadlines
            .remove(&(seat.alarm, Deadline::Silence(group, member)));
        Some(seat)
    }

    /// Sets when a seat's silence is looked at; 0 means never.
    pub fn set_alarm(&mut self, group: GroupNo, member: MemberNo, due: Millis) {
        let Some(seat) = self
            .groups
            .get_mut(group.0 as usize)
            .and_then(|g| g.seats.get_mut(&member))
        else {
            return;
        };
        let before = std::mem::replace(&mut seat.alarm, due);
        if before == due {
            return;
        }
        self.touched.insert(RowKey::Seat(group, member));
        self.deadlines
            .remove(&(before, Deadline::Silence(group, member)));
        if due != 0 {
            self.deadlines
                .insert((due, Deadline::Silence(group, member)));
        }
    }

    /// Sets when a group's silence is looked at; 0 means never.
    pub fn set_group_alarm(&mut self, no: GroupNo, due: Millis) {
        let Some(group) = self.groups.get_mut(no.0 as usize) else {
            return;
        };
        let before = std::mem::replace(&mut group.alarm, due);
        if before == due {
            return;
        }
        self.touched.insert(RowKey::Group(no));
        self.deadlines.remove(&(before, Deadline::GroupSilence(no)));
        if due != 0 {
            self.deadlines.insert((due, Deadline::GroupSilence(no)));
        }
    }

    /// Changes a member's labels and keeps the deadline of the next one that ends.
    pub fn change_labels(&mut self, no: MemberNo, change: impl FnOnce(&mut Member)) {
        let Some(member) = self.member_mut(no) else {
            return;
        };
        let before = member.next_label_end();
        change(member);
        let after = member.next_label_end();
        if let Some(due) = before {
            self.deadlines.remove(&(due, Deadline::LabelEnd(no)));
        }
        if let Some(due) = after {
            self.deadlines.insert((due, Deadline::LabelEnd(no)));
        }
    }

    // ---- runs ------------------------------------------------------------------------------

    /// Live runs, by identity.
    pub fn runs(&self) -> impl Iterator<Item = &Run> + '_ {
        self.runs.values()
    }

    /// A live run.
    pub fn run(&self, id: RunId) -> Option<&Run> {
        self.runs.get(&id)
    }

    /// Live runs of a rule for one key.
    pub fn active(&self, key: &RuleKey) -> impl Iterator<Item = RunId> + '_ {
        self.active.get(key).into_iter().flatten().copied()
    }

    /// Live runs about that member, that group, or the whole community.
    pub fn watchers(
        &self,
        member: Option<MemberNo>,
        group: Option<GroupNo>,
    ) -> impl Iterator<Item = RunId> + '_ {
        let of_member = member.and_then(|no| self.by_member.get(&no));
        let of_group = group.and_then(|no| self.by_group.get(&no));
        let of_group = of_group.into_iter().flatten();
        of_member
            .into_iter()
            .flatten()
            .chain(of_group.filter(move |id| of_member.is_none_or(|ids| !ids.contains(id))))
            .chain(&self.by_anyone)
            .copied()
    }

    /// Takes a run out to work on it; [`World::put_run`] or [`World::end_run`] must follow.
    pub fn take_run(&mut self, id: RunId) -> Option<Run> {
        let run = self.runs.remove(&id)?;
        self.touched.insert(RowKey::Run(id));
        if let Some(due) = run.waiting.due() {
            self.deadlines.remove(&(due, Deadline::Run(id)));
        }
        Some(run)
    }

    /// Puts a run in, or back.
    pub fn put_run(&mut self, run: Run) {
        self.touched.insert(RowKey::Run(run.id));
        self.index_run(&run);
        self.runs.insert(run.id, run);
    }

    fn index_run(&mut self, run: &Run) {
        self.active.entry(run.key()).or_default().insert(run.id);
        match run.watched() {
            Watched::Member(member) => {
                self.by_member.entry(member).or_default().insert(run.id);
            }
            Watched::Group(group) => {
                self.by_group.entry(group).or_default().insert(run.id);
            }
            Watched::Anyone => {
                self.by_anyone.insert(run.id);
            }
        }
        if let Some(due) = run.waiting.due() {
            self.deadlines.insert((due, Deadline::Run(run.id)));
        }
    }

    /// Notes that a run (taken out before) is over.
    pub fn end_run(&mut self, run: &Run, ended_at: Millis, end: End) {
        let key = run.key();
        remove_from(&mut self.active, &key, run.id);
        match run.watched() {
            Watched::Member(member) => remove_from(&mut self.by_member, &member, run.id),
            Watched::Group(group) => remove_from(&mut self.by_group, &group, run.id),
            Watched::Anyone => {
                self.by_anyone.remove(&run.id);
            }
        }
        let number = self.ended_from.saturating_add(self.ended.len() as u64);
        self.touched.insert(RowKey::Ended(number));
        self.ended.push_back(EndedRun {
            id: run.id,
            number: run.number,
            title: run.title.clone(),
            rule: run.rule_name(),
            member: run.member,
            group: run.group,
            started_at: run.started_at,
            ended_at,
            end,
            shadow: run.shadow,
        });
        while self.ended.len() > super::limits::ENDED_RUNS_MAX {
            self.touched.insert(RowKey::Ended(self.ended_from));
            self.ended.pop_front();
            self.ended_from = self.ended_from.saturating_add(1);
        }
    }

    // ---- outbox ----------------------------------------------------------------------------

    /// Open effects, by identity.
    pub fn effects(&self) -> impl Iterator<Item = &Effect> + '_ {
        self.effects.values()
    }

    /// An open effect.
    pub fn effect(&self, id: EffectId) -> Option<&Effect> {
        self.effects.get(&id)
    }

    /// Opens an effect, or changes an open one.
    pub fn put_effect(&mut self, effect: Effect) {
        self.touched.insert(RowKey::Effect(effect.id));
        self.effects.insert(effect.id, effect);
    }

    /// Ends an effect.
    pub fn remove_effect(&mut self, id: EffectId) -> Option<Effect> {
        let effect = self.effects.remove(&id)?;
        self.touched.insert(RowKey::Effect(id));
        Some(effect)
    }

    // ---- playbook data, throttles, schedules -------------------------------------------------

    /// A stored value.
    pub fn data(&self, key: &DataKey) -> Option<&Data> {
        self.data.get(key)
    }

    /// All values of one declared name, in key order.
    pub fn data_of(&self, playbook: &str, name: &str) -> Vec<(&DataKey, &Data)> {
        let from = DataKey {
            playbook: playbook.into(),
            name: name.into(),
            group: None,
            member: None,
            key: None,
        };
        self.data
            .range(from..)
            .take_while(|(key, _)| &*key.playbook == playbook && &*key.name == name)
            .collect()
    }

    /// Stores a value; `None` takes it away.
    pub fn set_data(&mut self, key: DataKey, value: Option<Data>) {
        self.touched.insert(RowKey::Data(Box::new(key.clone())));
        match value {
            Some(value) => self.data.insert(key, value),
            None => self.data.remove(&key),
        };
    }

    /// A rule's throttle state for one key.
    pub fn throttle(&self, key: &RuleKey) -> Option<&Throttle> {
        self.throttles.get(key)
    }

    /// Sets a throttle state; `None` takes it away.
    pub fn set_throttle(&mut self, key: RuleKey, throttle: Option<Throttle>) {
        self.touched.insert(RowKey::Throttle(Box::new(key.clone())));
        if let Some(before) = self.throttles.remove(&key)
            && before.collect_until != 0
        {
            self.deadlines
                .remove(&(before.collect_until, Deadline::Collected(key.clone())));
        }
        if let Some(throttle) = throttle {
            if throttle.collect_until != 0 {
                let due = throttle.collect_until;
                self.deadlines
                    .insert((due, Deadline::Collected(key.clone())));
            }
            self.throttles.insert(key, throttle);
        }
    }

    /// All schedules with their states.
    pub fn schedules(&self) -> impl Iterator<Item = (&(Text, Option<GroupNo>), &ScheduleState)> {
        self.schedules.iter()
    }

    /// Where a schedule stands.
    pub fn schedule(&self, rule: &Text, group: Option<GroupNo>) -> Option<ScheduleState> {
        self.schedules.get(&(rule.clone(), group)).copied()
    }

    /// Sets where a schedule stands; `None` takes it away.
    pub fn set_schedule(&mut self, rule: &Text, group: Option<GroupNo>, to: Option<ScheduleState>) {
        self.touched.insert(RowKey::Schedule(rule.clone(), group));
        let key = (rule.clone(), group);
        if let Some(before) = self.schedules.remove(&key) {
            self.deadlines
                .remove(&(before.next, Deadline::Schedule(rule.clone(), group)));
        }
        if let Some(state) = to {
            self.deadlines
                .insert((state.next, Deadline::Schedule(rule.clone(), group)));
            self.schedules.insert(key, state);
        }
    }

    /// Adds a one-shot deadline that no other row implies.
    pub fn appoint(&mut self, due: Millis, what: Deadline) {
        self.touched
            .insert(RowKey::Appointment(due, Box::new(what.clone())));
        self.appointments.insert((due, what.clone()));
        self.deadlines.insert((due, what));
    }

    /// One-shot deadlines.
    pub fn appointments(&self) -> impl Iterator<Item = &(Millis, Deadline)> + '_ {
        self.appointments.iter()
    }

    /// Takes a one-shot deadline away.
    pub fn cancel_appointment(&mut self, due: Millis, what: &Deadline) {
        let entry = (due, what.clone());
        if self.appointments.remove(&entry) {
            self.touched
                .insert(RowKey::Appointment(due, Box::new(what.clone())));
            self.deadlines.remove(&entry);
        }
    }

    /// When the next deadline is due.
    pub fn next_deadline(&self) -> Option<Millis> {
        self.deadlines.first().map(|(due, _)| *due)
    }

    /// Takes the earliest deadline that is due at `at`. The caller re-arms what it stands for.
    pub fn pop_deadline(&mut self, at: Millis) -> Option<(Millis, Deadline)> {
        let (due, _) = self.deadlines.first()?;
        if *due > at {
            return None;
        }
        let entry = self.deadlines.pop_first()?;
        if self.appointments.remove(&entry) {
            self.touched
                .insert(RowKey::Appointment(entry.0, Box::new(entry.1.clone())));
        }
        Some(entry)
    }

    // ---- lists, once keys, spending ---------------------------------------------------------

    /// An open list to change.
    pub fn ask_mut(&mut self, id: u64) -> Option<&mut Ask> {
        self.touched.insert(RowKey::Ask(id));
        self.asks.get_mut(&id)
    }

    /// Opens a list.
    pub fn put_ask(&mut self, id: u64, ask: Ask) {
        self.touched.insert(RowKey::Ask(id));
        self.asks.insert(id, ask);
    }

    /// Takes a list and its answers away.
    pub fn remove_ask(&mut self, id: u64) {
        self.touched.insert(RowKey::Ask(id));
        self.asks.remove(&id);
        let numbers: Vec<u32> = self.answers(id).map(|(number, _)| number).collect();
        for number in numbers {
            self.set_answer(id, number, None);
        }
    }

    /// A list's answers in the order they came.
    pub fn answers(&self, ask: u64) -> impl Iterator<Item = (u32, &Answer)> + '_ {
        self.answers
            .range((ask, 0)..=(ask, u32::MAX))
            .map(|((_, number), row)| (*number, row))
    }

    /// Sets one answer; `None` takes it away.
    pub fn set_answer(&mut self, ask: u64, number: u32, answer: Option<Answer>) {
        self.touched.insert(RowKey::Answer(ask, number));
        match answer {
            Some(answer) => self.answers.insert((ask, number), answer),
            None => self.answers.remove(&(ask, number)),
        };
    }

    /// An approval to change.
    pub fn approval_mut(&mut self, number: u64) -> Option<&mut Approval> {
        self.touched.insert(RowKey::Approval(number));
        self.approvals.get_mut(&number)
    }

    /// Opens an approval.
    pub fn put_approval(&mut self, approval: Approval) {
        self.touched.insert(RowKey::Approval(approval.number));
        self.approvals.insert(approval.number, approval);
    }

    /// Takes an approval away.
    pub fn remove_approval(&mut self, number: u64) {
        self.touched.insert(RowKey::Approval(number));
        self.approvals.remove(&number);
    }

    /// Notes a `once` key; false if it was noted before.
    pub fn note_once(&mut self, key: u64) -> bool {
        let new = self.once.insert(key);
        if new {
            self.touched.insert(RowKey::Once(key));
        }
        new
    }

    /// True if the `once` key was noted.
    pub fn was_once(&self, key: u64) -> bool {
        self.once.contains(&key)
    }

    /// Notes the use of a guarded step and forgets uses before `since`.
    pub fn spend(&mut self, key: &Text, at: Millis, since: Millis) {
        self.touched.insert(RowKey::Spent(key.clone()));
        let uses = self.spent.entry(key.clone()).or_default();
        uses.retain(|used| *used > since);
        uses.push(at);
    }

    /// Books points.
    pub fn book(&mut self, entry: Entry) -> Result<u64, NotBooked> {
        let number = self.ledger.book(entry)?;
        self.touched.insert(RowKey::Entry(number));
        Ok(number)
    }

    /// Notes a received id; its block is the row.
    pub fn note_seen(&mut self, connector: &Text, id: u64, at: Millis, keep_ms: Millis) {
        let changed = self.seen.note(connector, id, at, keep_ms);
        for number in changed.written.into_iter().chain(changed.forgotten) {
            self.touched.insert(RowKey::Seen(connector.clone(), number));
        }
    }

    // ---- rows --------------------------------------------------------------------------------

    /// What changed since the last call. The head always counts as changed.
    pub fn take_touched(&mut self) -> BTreeSet<RowKey> {
        let mut touched = std::mem::take(&mut self.touched);
        touched.insert(RowKey::Head);
        touched
    }

    /// How many rows changed since they were last taken.
    pub fn touched_count(&self) -> usize {
        self.touched.len()
    }
}

fn remove_from<K: Ord>(index: &mut BTreeMap<K, BTreeSet<RunId>>, key: &K, id: RunId) {
    if let Some(ids) = index.get_mut(key) {
        ids.remove(&id);
        if ids.is_empty() {
            index.remove(key);
        }
    }
}

/// Where a person is looked up.
fn person_hash(connector: &str, id: &str) -> u64 {
    use std::hash::{BuildHasher, Hasher};
    let mut hasher = rustc_hash::FxBuildHasher.build_hasher();
    hasher.write(connector.as_bytes());
    hasher.write_u8(b'/');
    hasher.write(id.as_bytes());
    hasher.finish()
}

/// Under what a run is found when something happens.
enum Watched {
    Member(MemberNo),
    Group(GroupNo),
    Anyone,
}

impl Run {
    fn watched(&self) -> Watched {
        let group = self.group.map_or(Watched::Anyone, Watched::Group);
        match self.watches {
            Watches::Member => self.about.map_or(group, Watched::Member),
            // In a direct conversation there is no group: then it is the member's.
            Watches::Group => self.group.map_or_else(
                || self.about.map_or(Watched::Anyone, Watched::Member),
                Watched::Group,
            ),
            Watches::Community => Watched::Anyone,
        }
    }

    /// `playbook/rule`.
    pub fn rule_name(&self) -> Text {
        format!("{}/{}", self.playbook, self.rule).into()
    }

    /// The rule and whom it is about; shadow runs have keys of their own.
    pub fn key(&self) -> RuleKey {
        let mark = if self.shadow { "~" } else { "" };
        RuleKey {
            rule: format!("{mark}{}/{}", self.playbook, self.rule).into(),
            per: self.per.clone(),
        }
    }
}

/// A deterministic hash of the whole world: equal worlds, equal hashes.
pub fn world_hash(world: &World) -> u64 {
    let mut hasher_parts: Vec<Vec<u8>> = Vec::new();
    for (key, value) in world.rows() {
        hasher_parts.push(key);
        hasher_parts.push(value);
    }
    let parts: Vec<&[u8]> = hasher_parts.iter().map(Vec::as_slice).collect();
    hash_of(&parts)
}
