//! Behaviour through public doors.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot set itself up has failed"
)]

mod day;
mod days;
mod docs;
mod fakes;
mod house;
mod onebot;
