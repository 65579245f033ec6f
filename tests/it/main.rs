//! Behaviour through public doors.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot set itself up has failed"
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
