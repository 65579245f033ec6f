//! Behaviour through public doors.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    clippy::needless_pass_by_value,
    clippy::too_many_lines,
    reason = "a test that cannot set itself up has failed, and looks at the one thing it is about"
)]

mod daemon;
mod day;
mod days;
mod days_http;
mod docs;
mod doors;
mod fakes;
mod faults;
mod house;
mod kill;
mod onebot;
mod samples;
