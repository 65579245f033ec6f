//! What the shell itself wants of the homeserver: setting up, health, who is in a room.

use super::errors::{Said, Talk};
use super::outbound::{checked, encoded, room_path};
use super::power::{Levels, creators, has_creators};
use super::{DEVICE, Matrix};
use crate::connector::{Answer, Errand, ErrandNext, ErrandResult, Health, Next, Outcome};
use crate::model::{Event, Happening, Person, Place, Role, RosterEntry};
use serde_json::{Value, json};

/// Whether the homeserver's calls arrive.
enum Reach {
    Yes,
    /// It did not try, for that reason.
    Unknown(String),
    No(String),
}

impl Matrix {
    /// What to do next for the errand.
    pub(super) fn next_of_errand(&self, errand: &Errand, answers: &[Answer]) -> ErrandNext {
        let mut talk = Talk::new(answers);
        let result = match errand {
            Errand::Connect { url } => self.connect(url, &mut talk),
            Errand::Health => self.health(&mut talk),
            Errand::Roster { group } => self.roster(group, &mut talk),
        };
        match result {
            Ok(result) => ErrandNext::End(result),
            Err(Next::Send(request)) => ErrandNext::Send(request),
            Err(Next::End(outcome)) => ErrandNext::End(failed(outcome)),
        }
    }

    /// Registers our user, makes its device, and asks the homeserver to call us.
    fn connect(&self, url: &str, talk: &mut Talk<'_>) -> Result<ErrandResult, Next> {
        let service = "m.login.application_service";
        let body = json!({ "type": service, "username": self.localpart, "inhibit_login": true });
        match talk.ask(self.post_as_service("/v3/register", &body))? {
            Said::Yes(_) => {}
            Said::No(no) if no.errcode == "M_USER_IN_USE" => {}
            Said::No(no) => return Err(Next::End(no.outcome())),
        }
        // The token of the answer is not used: with ours and the device's name all is said.
        let body = json!({
            "type": service, "device_id": DEVICE, "initial_device_display_name": "Steward",
            "identifier": { "type": "m.id.user", "user": self.localpart },
        });
        talk.demand(self.post_as_service("/v3/login", &body))?;
        let line = match self.ping(talk)? {
            Reach::Yes => format!("`{}` is ready and the homeserver reaches {url}", self.user),
            Reach::Unknown(reason) => {
                format!(
                    "`{}` is ready; a call to {url} was not tried: {reason}",
                    self.user
                )
            }
            Reach::No(problem) => format!("`{}` is ready, but {problem}", self.user),
        };
        Ok(ErrandResult::Connected(line))
    }

    fn health(&self, talk: &mut Talk<'_>) -> Result<ErrandResult, Next> {
        let versions = talk.demand(self.get("/versions"))?;
        let versions = versions["versions"].as_array();
        let version = versions.and_then(|all| all.last()?.as_str());
        let about = format!(
            "{} at {}, Matrix {}",
            self.user,
            self.homeserver,
            version.unwrap_or("of an unknown version")
        );
        let problem = match talk.ask(self.get("/v3/account/whoami"))? {
            Said::Yes(me) if me["user_id"] == *self.user => match self.ping(talk)? {
                Reach::Yes | Reach::Unknown(_) => None,
                Reach::No(problem) => Some(problem),
            },
            Said::Yes(_) => Some("`as_token` belongs to another user".to_owned()),
            Said::No(no) => Some(format!("run `steward connect`: {}", no.reason())),
        };
        Ok(ErrandResult::Health(Health {
            pending: 0,
            problem,
            about,
        }))
    }

    /// Has the homeserver call us (`POST …/ping`).
    fn ping(&self, talk: &mut Talk<'_>) -> Result<Reach, Next> {
        let id = encoded(&self.registration_id());
        let request = self.post_as_service(&format!("/v1/appservice/{id}/ping"), &json!({}));
        Ok(match talk.ask_even_gateways(request)? {
            Said::Yes(_) => Reach::Yes,
            // A registration with another id, or an old homeserver.
            Said::No(no) if no.is_forbidden() || no.status == 404 => Reach::Unknown(no.reason()),
            Said::No(no) => Reach::No(format!(
                "the homeserver does not reach us at the registration's `url`: {}",
                no.reason()
            )),
        })
    }

    fn roster(&self, group: &str, talk: &mut Talk<'_>) -> Result<ErrandResult, Next> {
        let room = room_path(checked(group, '!')?);
        let joined = self.get(&format!("{room}/joined_members"));
        let joined = self.demand_in_room(&room, &joined, talk)?;
        let Some(joined) = joined["joined"].as_object() else {
            return Err(Next::End(Outcome::Broken {
                reason: "the answer lists no members".to_owned(),
            }));
        };
        let named = self.state(&room, &format!("{room}/state/m.room.name"), talk)?;
        let path = format!("{room}/state/m.room.power_levels");
        let levels = Levels::new(&self.state(&room, &path, talk)?);
        let create = if has_creators(group) {
            let path = format!("{room}/state/m.room.create?format=event");
            self.state(&room, &path, talk)?
        } else {
            Value::Null
        };
        let above_all = creators(&create);
        let people = joined
            .iter()
            .filter(|(user, _)| !self.is_ours(user))
            .map(|(user, shown)| RosterEntry {
                person: Person {
                    id: user.as_str().into(),
                    name: super::transaction::name(&shown["display_name"]),
                    nick: None,
                    role: Some(if above_all.contains(&user.as_str()) {
                        Role::Owner
                    } else {
                        levels.role(user)
                    }),
                    is_bot: false,
                },
                joined_at: None,
                last_active: None,
            })
            .collect();
        Ok(ErrandResult::Events(vec![Event {
            connector: self.name.clone(),
            id: None,
            happened_at: None,
            group: Some(Place {
                id: group.into(),
                name: super::transaction::name(&named["name"]),
            }),
            member: None,
            what: Happening::RosterRead { people },
        }]))
    }
}

fn failed(outcome: Outcome) -> ErrandResult {
    match outcome {
        Outcome::Done(_) | Outcome::Already(_) => ErrandResult::NotOffered,
        Outcome::RetryAfter { reason, .. }
        | Outcome::Refused { reason, .. }
        | Outcome::Unknown { reason }
        | Outcome::Broken { reason } => ErrandResult::Failed {
            reason,
            stop: false,
        },
        Outcome::Stop { reason } => ErrandResult::Failed { reason, stop: true },
    }
}
