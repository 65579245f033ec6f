//! All keywords of a rulebook as one automaton: a message that hits nothing costs the same with ten
//! rules and with ten thousand.

use super::normal::{fold_evasion, is_boundary, normalise};
use crate::model::{Text, Value};
use crate::playbook::rule::{Keyword, Matching, Trigger};
use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};
use regex::{RegexBuilder, RegexSet, RegexSetBuilder};
use std::collections::{BTreeMap, BTreeSet};

/// Compiled size of one regex: large enough for real patterns, small enough that ten thousand fit.
const REGEX_BYTES_MAX: usize = 256 * 1024;
/// The regexes of a rulebook together.
const REGEX_SET_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A keyword trigger's place in its rulebook: (playbook, rule, trigger).
pub(super) type Spot = (u32, u32, u32);

/// A trigger that a text hit, and the word that did it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    pub spot: Spot,
    pub word: Text,
}

/// Compiled keywords.
#[derive(Debug, Default)]
pub struct Matcher {
    plain: Words,
    folded: Words,
    regexes: Option<RegexSet>,
    regex_spots: Vec<(Spot, Text)>,
    triggers: BTreeMap<Spot, Keyword>,
}

/// Words over one form of the text.
#[derive(Debug, Default)]
struct Words {
    automaton: Option<AhoCorasick>,
    /// Per pattern, who waits for it.
    uses: Vec<Vec<Use>>,
}

#[derive(Clone, Debug)]
struct Use {
    spot: Spot,
    part: Part,
    word: Text,
    matching: Matching,
}

/// Which list of the trigger a word stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Any,
    All(u32),
    None,
}

impl Matcher {
    /// Compiles keywords. Patterns that do not compile were refused at load; here they hit nothing.
    pub fn new(triggers: BTreeMap<Spot, Keyword>) -> Self {
        let mut plain = BTreeMap::new();
        let mut folded = BTreeMap::new();
        let mut patterns = Vec::new();
        let mut regex_spots = Vec::new();
        for (spot, keyword) in &triggers {
            if keyword.matching == Matching::Regex {
                for word in &keyword.any {
                    patterns.push(format!("(?i){word}"));
                    regex_spots.push((*spot, word.clone()));
                }
                continue;
            }
            let words = if keyword.evasion {
                &mut folded
            } else {
                &mut plain
            };
            collect(words, *spot, keyword);
        }
        Self {
            plain: Words::new(plain),
            folded: Words::new(folded),
            regexes: regex_set(&patterns),
            regex_spots,
            triggers,
        }
    }

    /// The triggers that a text hits, in rulebook order, each once.
    pub fn hits(&self, text: &str) -> Vec<Hit> {
        let mut found = Found::default();
        let normal = normalise(text);
        self.plain.search(&normal, &mut found);
        if self.folded.automaton.is_some() {
            self.folded.search(&fold_evasion(text), &mut found);
        }
        if let Some(regexes) = &self.regexes {
            for index in regexes.matches(&normal) {
                if let Some((spot, word)) = self.regex_spots.get(index) {
                    found.any.entry(*spot).or_insert_with(|| word.clone());
                }
            }
        }
        if found.any.is_empty() && found.all.is_empty() {
            return Vec::new();
        }
        self.settle(found)
    }

    fn settle(&self, mut found: Found) -> Vec<Hit> {
        for (spot, word) in found.all_words() {
            found.any.entry(spot).or_insert(word);
        }
        let holds = |spot: &Spot| {
            let Some(keyword) = self.triggers.get(spot) else {
                return false;
            };
            let all = found.all.get(spot).map_or(0, BTreeMap::len);
            let any = keyword.any.is_empty() || found.real_any.contains(spot);
            let any = any || keyword.matching == Matching::Regex;
            any && all == keyword.all.len() && !found.none.contains(spot)
        };
        found
            .any
            .iter()
            .filter(|(spot, _)| holds(spot))
            .map(|(spot, word)| Hit {
                spot: *spot,
                word: word.clone(),
            })
            .collect()
    }
}

/// What a search came upon.
#[derive(Default)]
struct Found {
    any: BTreeMap<Spot, Text>,
    real_any: BTreeSet<Spot>,
    all: BTreeMap<Spot, BTreeMap<u32, Text>>,
    none: BTreeSet<Spot>,
}

impl Found {
    fn note(&mut self, place: &Use) {
        match place.part {
            Part::Any => {
                self.any
                    .entry(place.spot)
                    .or_insert_with(|| place.word.clone());
                self.real_any.insert(place.spot);
            }
            Part::All(index) => {
                self.all
                    .entry(place.spot)
                    .or_default()
                    .insert(index, place.word.clone());
            }
            Part::None => {
                self.none.insert(place.spot);
            }
        }
    }

    fn all_words(&self) -> Vec<(Spot, Text)> {
        let first = |(spot, words): (&Spot, &BTreeMap<u32, Text>)| {
            words.values().next().map(|word| (*spot, word.clone()))
        };
        self.all.iter().filter_map(first).collect()
    }
}

impl Words {
    fn new(words: BTreeMap<String, Vec<Use>>) -> Self {
        if words.is_empty() {
            return Self::default();
        }
        let automaton = AhoCorasickBuilder::new()
            .match_kind(MatchKind::Standard)
            .build(words.keys())
            .ok();
        Self {
            automaton,
            uses: words.into_values().collect(),
        }
    }

    fn search(&self, text: &str, found: &mut Found) {
        let Some(automaton) = &self.automaton else {
            return;
        };
        for hit in automaton.find_overlapping_iter(text) {
            let before = text
                .get(..hit.start())
                .and_then(|head| head.chars().next_back());
            let after = text.get(hit.end()..).and_then(|tail| tail.chars().next());
            let word = text.get(hit.start()..hit.end()).unwrap_or_default();
            for place in self
                .uses
                .get(hit.pattern().as_usize())
                .into_iter()
                .flatten()
            {
                let stands = match place.matching {
                    Matching::Anywhere | Matching::Regex => true,
                    Matching::Begins => {
                        text.get(..hit.start()).is_some_and(|t| t.trim().is_empty())
                    }
                    Matching::Exact => text.trim() == word,
                    Matching::Word => {
                        is_boundary(before, word.chars().next())
                            && is_boundary(word.chars().next_back(), after)
                    }
                };
                if stands {
                    found.note(place);
                }
            }
        }
    }
}

fn collect(words: &mut BTreeMap<String, Vec<Use>>, spot: Spot, keyword: &Keyword) {
    let any = keyword.any.iter().map(|word| (Part::Any, word));
    let all = keyword
        .all
        .iter()
        .enumerate()
        .map(|(i, word)| (Part::All(i as u32), word));
    let none = keyword.none.iter().map(|word| (Part::None, word));
    for (part, word) in any.chain(all).chain(none) {
        let written = if keyword.evasion {
            fold_evasion(word)
        } else {
            normalise(word).into_owned()
        };
        let written = written.trim();
        if written.is_empty() {
            continue;
        }
        // A forbidden word counts wherever it stands; so do folded ones, which have no spaces left.
        let loose = part == Part::None || keyword.evasion;
        let matching = if loose {
            Matching::Anywhere
        } else {
            keyword.matching
        };
        let place = Use {
            spot,
            part,
            word: word.clone(),
            matching,
        };
        words.entry(written.to_owned()).or_default().push(place);
    }
}

fn regex_set(patterns: &[String]) -> Option<RegexSet> {
    if patterns.is_empty() {
        return None;
    }
    let size = REGEX_BYTES_MAX
        .saturating_mul(patterns.len())
        .min(REGEX_SET_BYTES_MAX);
    RegexSetBuilder::new(patterns).size_limit(size).build().ok()
}

/// True if one keyword trigger outside any rulebook hits a text.
pub(super) fn one_hits(keyword: &Keyword, text: &str) -> bool {
    !Matcher::new([((0, 0, 0), keyword.clone())].into())
        .hits(text)
        .is_empty()
}

/// What the groups of a regex trigger's first fitting pattern caught.
pub(super) fn captures(trigger: &Trigger, text: &str) -> Vec<Value> {
    let Trigger::Keyword(keyword) = trigger else {
        return Vec::new();
    };
    if keyword.matching != Matching::Regex {
        return Vec::new();
    }
    let normal = normalise(text);
    let caught = |word: &Text| {
        let pattern = RegexBuilder::new(word)
            .case_insensitive(true)
            .size_limit(REGEX_BYTES_MAX)
            .build()
            .ok()?;
        let groups = pattern.captures(&normal)?;
        let texts = groups.iter().skip(1);
        Some(
            texts
                .map(|group| Value::from(group.map_or("", |found| found.as_str())))
                .collect(),
        )
    };
    keyword.any.iter().find_map(caught).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<Text> {
        words.iter().map(|word| Text::from(*word)).collect()
    }

    fn hits(keyword: Keyword, text: &str) -> bool {
        let matcher = Matcher::new([((0, 0, 0), keyword)].into());
        !matcher.hits(text).is_empty()
    }

    #[test]
    fn words_stand_alone_and_chinese_stands_anywhere() {
        let rules = || Keyword {
            any: words(&["rules", "群规"]),
            ..Keyword::default()
        };
        for text in [
            "Rules?",
            "the RULES",
            "请问群规在哪",
            "ｒｕｌｅｓ",
            "群\u{200b}规",
        ] {
            assert!(hits(rules(), text), "{text}");
        }
        for text in ["rulesets", "overrules", "群 规", ""] {
            assert!(!hits(rules(), text), "{text}");
        }
    }

    #[test]
    fn each_way_of_matching() {
        let with = |matching| Keyword {
            any: words(&["打卡"]),
            matching,
            ..Keyword::default()
        };
        assert!(hits(with(Matching::Exact), " 打卡 ") && !hits(with(Matching::Exact), "打卡啦"));
        assert!(hits(with(Matching::Begins), "打卡啦") && !hits(with(Matching::Begins), "我打卡"));
        assert!(hits(with(Matching::Anywhere), "我打卡"));
        let number = Keyword {
            any: words(&[r"^\d{4}$"]),
            matching: Matching::Regex,
            ..with(Matching::Regex)
        };
        assert!(hits(number.clone(), "1234") && !hits(number, "12345"));
    }

    #[test]
    fn all_must_be_there_and_none_may() {
        let order = || Keyword {
            all: words(&["order", "late"]),
            none: words(&["thanks"]),
            ..Keyword::default()
        };
        assert!(hits(order(), "my order is late"));
        assert!(!hits(order(), "my order"));
        assert!(!hits(order(), "my order is late, thanks"));
        let both = Keyword {
            any: words(&["please"]),
            ..order()
        };
        assert!(!hits(both.clone(), "my order is late"));
        assert!(hits(both, "please, my order is late"));
    }

    #[test]
    fn a_message_names_every_rule_it_hits_once_in_order() {
        let keyword = |word: &str| Keyword {
            any: words(&[word]),
            ..Keyword::default()
        };
        let triggers = [
            ((1, 0, 0), keyword("b")),
            ((0, 2, 0), keyword("a")),
            ((0, 1, 0), keyword("a")),
        ];
        let matcher = Matcher::new(triggers.into());
        let spots: Vec<Spot> = matcher
            .hits("a b a")
            .into_iter()
            .map(|hit| hit.spot)
            .collect();
        assert_eq!(spots, [(0, 1, 0), (0, 2, 0), (1, 0, 0)]);
    }
}
