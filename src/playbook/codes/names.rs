//! Pages of S03: names that stand for nothing, or for two things.

use super::Page;

pub(super) const UNKNOWN_NAME: Page = Page {
    title: "a name that is not known here",
    about: "What an expression may name depends on the trigger: `member` exists where the trigger is \
            about someone, results of steps from the step on that carries `as`.",
    wrong: "text: Hi ${membr.name}",
    right: "text: Hi ${member.name}",
};
pub(super) const UNKNOWN_PROPERTY: Page = Page {
    title: "there is no such property",
    about: "Properties of members, groups, the community and the event are a fixed list; `steward \
            schema` prints it.",
    wrong: "if: member.nickname == \"ann\"",
    right: "if: (member.nick ?? \"\") == \"ann\"",
};
pub(super) const UNKNOWN_FUNCTION: Page = Page {
    title: "there is no such function",
    about: "Expressions may call the built-in functions and, as `module::name`, those of the \
            scripts that the playbook lists.",
    wrong: "if: haslabel(member, \"vip\")",
    right: "if: has_label(member, \"vip\")",
};
pub(super) const UNKNOWN_GROUP: Page = Page {
    title: "there is no such group",
    about: "Groups are named by their ids in steward.yaml. A playbook cannot reach a group of \
            another community.",
    wrong: "to: loby",
    right: "to: lobby",
};
pub(super) const UNKNOWN_SCRIPT: Page = Page {
    title: "there is no such script or function in it",
    about: "`scripts: [checkin]` loads `scripts/checkin.rhai`; `run: checkin::award` calls the \
            function `award` in it.",
    wrong: "- run: checkin::awrd",
    right: "- run: checkin::award",
};
pub(super) const NAME_COLLISION: Page = Page {
    title: "a name that could mean two things",
    about: "A word that is both an id (of a group, say) and a name in scope would change its meaning \
            when one of them goes. Rename one of them.",
    wrong: "- let: { lobby: 1 }\n- send: { to: lobby, text: hi }",
    right: "- let: { visits: 1 }\n- send: { to: lobby, text: hi }",
};
pub(super) const UNKNOWN_FLOW: Page = Page {
    title: "there is no such flow",
    about: "`call` names one of the `flows` of the same file.",
    wrong: "- call: gret",
    right: "- call: greet",
};
pub(super) const UNKNOWN_PLAYBOOK: Page = Page {
    title: "there is no such playbook",
    about: "`use`, `test` and `from` name a playbook by its id, which is not its file's path.",
    wrong: "use: newcomer-car",
    right: "use: newcomer-care",
};
pub(super) const UNKNOWN_DATA: Page = Page {
    title: "no such data is declared",
    about: "Stored state is declared under `data` before steps can write or expressions read it.",
    wrong: "- mark: chekins",
    right: "- mark: checkins",
};
pub(super) const UNKNOWN_ENDPOINT: Page = Page {
    title: "there is no such endpoint",
    about: "A `webhook` step names one of the `endpoints` in steward.yaml; addresses never stand in \
            playbooks.",
    wrong: "- webhook: { endpoint: shpo }",
    right: "- webhook: { endpoint: shop }",
};
pub(super) const UNKNOWN_CONNECTOR: Page = Page {
    title: "there is no such connector",
    about: "The part before the slash names one of the `connectors` in the same steward.yaml.",
    wrong: "groups:\n  - { id: club, at: qqq/123456 }",
    right: "groups:\n  - { id: club, at: qq/123456 }",
};
pub(super) const UNSET_VARIABLE: Page = Page {
    title: "an environment variable is not set",
    about: "steward.yaml takes secrets from the environment. `steward check` needs none of them and \
            only mentions it; `steward run` cannot go without.",
    wrong: "token: \"${env:TG_TOKN}\"",
    right: "token: \"${env:TG_TOKEN}\"",
};
pub(super) const UNREADABLE_SECRET: Page = Page {
    title: "a file with a secret cannot be read",
    about: "`${file:PATH}` takes the first line of that file. `steward check` only mentions it; \
            `steward run` cannot go without.",
    wrong: "token: \"${file:/run/secret/tg}\"",
    right: "token: \"${file:/run/secrets/tg}\"",
};
pub(super) const RESERVED_NAME: Page = Page {
    title: "a name that the expression language keeps for itself",
    about: "Words of the language cannot name inputs, data or results, not even after a dot.",
    wrong: "as: switch",
    right: "as: chosen",
};
pub(super) const UNKNOWN_WORDS: Page = Page {
    title: "there is no such word list",
    about: "`{ from: words/ads.txt }` takes the lines of that file, which stands in the folder of the \
            playbooks.",
    wrong: "any: { from: words/add.txt }",
    right: "any: { from: words/ads.txt }",
};
