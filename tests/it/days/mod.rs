//! Days: what rules do, acted out from the first event to the last answer. First the shipped
//! playbooks, then the language item by item.

mod asking;
mod flows;
mod keys;
mod shipped;
mod triggers;
mod waits;
