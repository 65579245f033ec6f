//! Days: what rules do, acted out from the first event to the last answer. First the shipped
//! playbooks, then the language item by item.

mod asking;
mod data;
mod flows;
mod keys;
mod moving;
mod operators;
mod outages;
mod scripts;
mod shipped;
mod silence;
mod staff;
mod triggers;
mod waits;
