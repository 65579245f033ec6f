//! Whole rules as scripts: `decide(ctx)` gives effect values, and each is carried out as the step of
//! its name, so that waiting, limits and approvals are the same.

use crate::engine::Fold;
use crate::engine::advance::{Done, Place, failure};
use crate::model::world::{Failure, Frame, Run, Turn};
use crate::model::{PostKind, Record, Text, Value, limits};
use crate::playbook::rule::{
    About, Act, DataStep, DataVerb, Field, Otherwise, Points, PostStep, Step,
};
use crate::script::{Facts, Root};

/// The loop's name for the effect value at hand.
const EFFECT: &str = "effect";

impl Fold<'_> {
    /// Calls `module::decide(ctx)` and goes through what it gives.
    pub(super) fn act_decide(
        &mut self,
        run: &Run,
        place: &Place,
        step: &Step,
        module: &Text,
        block: u32,
    ) -> Done {
        let decided = self.see(run, place, step, |scene| {
            let whole = |root| scene.whole(root);
            let context = Record::from([
                ("event".into(), whole(Root::Event)),
                ("inputs".into(), whole(Root::Inputs)),
                ("vars".into(), whole(Root::Vars)),
                ("community".into(), whole(Root::Community)),
                ("run".into(), whole(Root::Run)),
                ("member".into(), scene.name("member")),
                ("group".into(), scene.name("group")),
            ]);
            scene.call_script(module, "decide", &[Value::Record(context)])
        });
        match decided {
            Some(Ok(effects)) => {
                let mut items = effects.into_items();
                items.truncate(limits::EACH_ITEMS_MAX);
                if items.is_empty() {
                    return Done::NEXT;
                }
                let turn = Turn {
                    name: EFFECT.into(),
                    items,
                    ..Turn::default()
                };
                Done::Enter(Frame {
                    block,
                    turn: Some(turn),
                    ..Frame::default()
                })
            }
            Some(Err(failure)) => {
                self.park_rule(&run.rule_name(), failure.reason.clone());
                Done::Fail(failure)
            }
            None => Done::NEXT,
        }
    }

    /// Carries out the effect value at hand.
    pub(super) fn act_effect(&mut self, run: &mut Run, place: &Place, step: &Step) -> Done {
        let value = run.vars.get(EFFECT).cloned().unwrap_or_default();
        let (name, act) = match act_of(&value) {
            Ok(act) => act,
            Err(failure) => return Done::Fail(failure),
        };
        let meant = Step {
            path: step.path.clone(),
            line: step.line,
            name,
            condition: Vec::new(),
            otherwise: None,
            result_as: None,
            retry: step.retry,
            on_error: step.on_error,
            once: None,
            state: step.state,
            act,
        };
        self.act(run, place, &meant)
    }
}

/// The step that an effect value stands for (`script/host/fx.rs` names the fields).
#[expect(
    clippy::too_many_lines,
    reason = "one flat match: a few lines for each effect"
)]
fn act_of(value: &Value) -> Result<(Text, Act), Failure> {
    let Some(fx) = value.field("fx").as_text().cloned() else {
        return Err(failure(
            "script",
            "`decide` gave something that is no effect value",
        ));
    };
    let field = |name: &str| Field::Is(value.field(name).clone());
    let given = |name: &str| Some(field(name)).filter(|_| !value.field(name).is_nothing());
    let member = || About {
        member: given("member"),
        group: None,
    };
    let post = |kind, to: Option<Field>| {
        Act::Post(PostStep {
            kind,
            to: to.into_iter().collect(),
            text: field("text"),
            file: None,
            pin: false,
            everyone: false,
        })
    };
    let data = |verb| {
        Ok(Act::Data(DataStep {
            verb,
            name: value.field("data").as_text().cloned().unwrap_or_default(),
            value: given("value"),
            of: given("key").filter(is_person_or_group),
            key: given("key").filter(|key| !is_person_or_group(key)),
            count: None,
            on_empty: Otherwise::Stop,
        }))
    };
    let act = match &*fx {
        "send" => Ok(post(PostKind::Send, given("to"))),
        "reply" => Ok(post(PostKind::Reply, None)),
        "dm" => Ok(post(PostKind::Dm, given("to"))),
        "react" => Ok(Act::React {
            emoji: field("emoji"),
            message: None,
        }),
        "label" => Ok(Act::Label {
            about: member(),
            add: given("add").into_iter().collect(),
            drop: given("drop").into_iter().collect(),
            expires: given("expires"),
        }),
        "reward" => Ok(Act::Reward {
            about: member(),
            points: Some(Box::new(Points {
                base: field("points"),
                random: None,
            })),
            badge: None,
            role: None,
            reason: field("reason"),
            once: None,
        }),
        "remove" => Ok(Act::Moderate {
            verb: crate::playbook::rule::Moderation::Remove,
            about: member(),
            reason: field("reason"),
        }),
        "signal" => Ok(Act::Signal {
            name: value.field("name").as_text().cloned().unwrap_or_default(),
            data: field("data"),
            about: About::default(),
        }),
        "start" => Ok(Act::Call {
            flow: value.field("flow").as_text().cloned().unwrap_or_default(),
            with: arguments(value.field("with")),
        }),
        "set" => data(DataVerb::Set),
        "add" => data(DataVerb::Add),
        _ => Err(failure("script", &format!("there is no effect `{fx}`"))),
    };
    act.map(|act| (fx, act))
}

fn is_person_or_group(key: &Field) -> bool {
    matches!(key, Field::Is(Value::Member(_) | Value::Group(_)))
}

fn arguments(with: &Value) -> Vec<(Text, Field)> {
    let Value::Record(fields) = with else {
        return Vec::new();
    };
    fields
        .iter()
        .map(|(name, value)| (name.clone(), Field::Is(value.clone())))
        .collect()
}
