//! From the parser's events to the tree. One problem of form (a tag, an anchor, a key twice) does
//! not end the reading; one that the parser cannot get over does.

use super::super::codes::Code;
use super::super::diagnostic::Diagnostic;
use super::super::source::{SourceFile, Spot};
use super::offsets::Offsets;
use super::traps;
use super::{FILE_BYTES_MAX, Key, NESTING_MAX, Node, NodeKind, Scalar, Style};
use crate::model::Text;
use granit_parser::{Event, Parser, ScalarStyle, StructureStyle};
use std::collections::BTreeMap;

/// Reads a file of one document. Without a tree there is at least one error; with one there may be
/// errors too, whose places are [`NodeKind::Broken`].
pub fn parse(file: &SourceFile) -> (Option<Node>, Vec<Diagnostic>) {
    if file.text.len() > FILE_BYTES_MAX {
        let spot = Spot::new(file.id, 0, 0);
        let error = Diagnostic::error(Code::TooBig, spot, "the file is larger than 1 MiB");
        return (None, vec![error]);
    }
    let mut builder = Builder {
        file,
        open: Vec::new(),
        root: None,
        last: None,
        problems: Vec::new(),
    };
    let whole = builder.read();
    let Builder {
        root, mut problems, ..
    } = builder;
    if whole && root.is_none() && problems.is_empty() {
        let spot = Spot::new(file.id, 0, 0);
        problems.push(
            Diagnostic::error(Code::EmptyFile, spot, "the file says nothing")
                .help("begin it with `steward: 1`"),
        );
    }
    (if whole { root } else { None }, problems)
}

/// A list or map whose end has not come yet.
struct Open {
    start: usize,
    /// Written with brackets.
    flow: bool,
    kind: OpenKind,
}

enum OpenKind {
    List(Vec<Node>),
    Map(OpenMap),
}

#[derive(Default)]
struct OpenMap {
    entries: Vec<(Key, Node)>,
    keys: BTreeMap<Text, Spot>,
    pending: PendingKey,
    /// A key was reported and is missing here.
    dropped: bool,
}

/// What the next node of a map is.
#[derive(Default)]
enum PendingKey {
    /// A key.
    #[default]
    None,
    /// The value of this key.
    Some(Key),
    /// The value of a key that was reported: goes with it.
    Dropped,
}

struct Builder<'a> {
    file: &'a SourceFile,
    open: Vec<Open>,
    root: Option<Node>,
    /// The scalar read last: errors are often about it.
    last: Option<Spot>,
    problems: Vec<Diagnostic>,
}

impl Builder<'_> {
    /// False when the parser gave up.
    fn read(&mut self) -> bool {
        let options = granit_parser::options! {
            emit_anchor_events: true,
            emit_comments: false,
            flow_nesting_limit: NESTING_MAX,
            block_nesting_limit: NESTING_MAX,
        };
        let text = self.file.text.clone();
        for next in Parser::new_from_str_with_options(&text, options) {
            match next {
                Ok((event, span)) => {
                    if !self.event(event, span) {
                        return false;
                    }
                }
                Err(error) => {
                    let at = error.marker().byte_offset().unwrap_or(text.len());
                    let flow = self.open.iter().rev().find(|open| open.flow);
                    let failure = traps::Failure {
                        file: self.file,
                        at: self.file.floor(at),
                        kind: error.kind(),
                        last: self.last,
                        flow: flow.map(|open| open.start),
                    };
                    self.failed(traps::explain(&failure));
                    return false;
                }
            }
        }
        true
    }

    /// An error on a line that has one already is its consequence.
    fn failed(&mut self, problem: Diagnostic) {
        let line = |at| self.file.line_start(at);
        let same = |known: &Diagnostic| line(known.spot.start) == line(problem.spot.start);
        if !self.problems.iter().any(same) {
            self.problems.push(problem);
        }
    }

    /// False when reading cannot go on.
    fn event(&mut self, event: Event<'_>, span: granit_parser::Span) -> bool {
        let start = self
            .file
            .floor(span.start.byte_offset().unwrap_or_default());
        let end = self.file.floor(span.end.byte_offset().unwrap_or(start));
        let spot = Spot::new(self.file.id, start, end.max(start));
        let tag = span.tag_span().and_then(|tag| tag.start.byte_offset());
        match event {
            Event::Scalar(value, style, _, _) => {
                let node = match tag {
                    Some(at) => self.tagged(at),
                    None => self.scalar(&value, style, spot),
                };
                self.last = Some(spot);
                self.node(node);
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                self.problems.push(traps::alias(self.file, spot));
                self.node(broken(spot));
            }
            Event::Anchor(..) => self.problems.push(traps::anchor(self.file, spot)),
            Event::SequenceStart(style, _, _) => {
                self.begin(tag, start, style, OpenKind::List(Vec::new()));
            }
            Event::MappingStart(style, _, _) => {
                self.begin(tag, start, style, OpenKind::Map(OpenMap::default()));
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(end),
            Event::DocumentStart(..) if self.root.is_some() => {
                self.problems.push(traps::second_document(spot));
                return false;
            }
            Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(..)
            | Event::DocumentEnd
            // Comments, were they on.
            | _ => {}
        }
        true
    }

    fn tagged(&mut self, at: usize) -> Node {
        let in_flow = self.open.last().is_some_and(|open| open.flow);
        let problem = traps::tag(self.file, at, in_flow);
        let spot = problem.spot;
        self.problems.push(problem);
        broken(spot)
    }

    fn scalar(&self, value: &str, style: ScalarStyle, spot: Spot) -> Node {
        let absent = style == ScalarStyle::Plain && spot.start == spot.end;
        let kind = if absent {
            NodeKind::Empty
        } else {
            NodeKind::Scalar(Scalar {
                text: value.into(),
                style: match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
                    ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
                },
                offsets: Offsets::of(self.file, spot.start, spot.end, style, value),
            })
        };
        Node { spot, kind }
    }

    fn begin(&mut self, tag: Option<usize>, start: usize, style: StructureStyle, kind: OpenKind) {
        if let Some(at) = tag {
            let problem = traps::tag(self.file, at, true);
            self.problems.push(problem);
        }
        self.open.push(Open {
            start,
            flow: style == StructureStyle::Flow,
            kind,
        });
    }

    fn end(&mut self, end: usize) {
        let Some(open) = self.open.pop() else { return };
        let Open { start, flow, kind } = open;
        let node = match kind {
            OpenKind::List(items) => {
                let last = items.last().map(|item| item.spot.end);
                let spot = self.spot(start, if flow { Some(end) } else { last });
                Node {
                    spot,
                    kind: NodeKind::List(items),
                }
            }
            OpenKind::Map(OpenMap {
                entries, dropped, ..
            }) => {
                let last = entries.last().map(|(_, value)| value.spot.end);
                let spot = self.spot(start, if flow { Some(end) } else { last });
                if dropped && entries.is_empty() {
                    broken(spot)
                } else if flow {
                    traps::flow_map(self.file, spot, entries, &mut self.problems)
                } else {
                    Node {
                        spot,
                        kind: NodeKind::Map(entries),
                    }
                }
            }
        };
        self.node(node);
    }

    fn spot(&self, start: usize, end: Option<usize>) -> Spot {
        Spot::new(self.file.id, start, end.unwrap_or(start).max(start))
    }

    /// Puts a finished node where it belongs.
    fn node(&mut self, node: Node) {
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return;
        };
        match &mut open.kind {
            OpenKind::List(items) => items.push(node),
            OpenKind::Map(map) => match std::mem::take(&mut map.pending) {
                PendingKey::None => {
                    map.pending = key(self.file, node, &mut self.problems);
                    map.dropped |= matches!(map.pending, PendingKey::Dropped);
                }
                PendingKey::Dropped => {}
                PendingKey::Some(key) => add(map, key, node, &mut self.problems),
            },
        }
    }
}

fn key(file: &SourceFile, node: Node, problems: &mut Vec<Diagnostic>) -> PendingKey {
    let Node { spot, kind } = node;
    match kind {
        NodeKind::Scalar(scalar) => {
            if let Some(problem) = traps::key(file, spot, &scalar) {
                problems.push(problem);
                return PendingKey::Dropped;
            }
            PendingKey::Some(Key {
                spot,
                text: scalar.text,
            })
        }
        NodeKind::Broken => PendingKey::Dropped,
        NodeKind::List(_) | NodeKind::Map(_) | NodeKind::Empty => {
            problems.push(traps::key_not_text(file, spot));
            PendingKey::Dropped
        }
    }
}

fn add(map: &mut OpenMap, key: Key, node: Node, problems: &mut Vec<Diagnostic>) {
    if let Some(first) = map.keys.get(&key.text) {
        let message = format!("`{}` stands twice in the same map", key.text);
        problems.push(
            Diagnostic::error(Code::DuplicateKey, key.spot, message)
                .label("again here")
                .other(*first, "first here"),
        );
    } else {
        map.keys.insert(key.text.clone(), key.spot);
        map.entries.push((key, node));
    }
}

fn broken(spot: Spot) -> Node {
    Node {
        spot,
        kind: NodeKind::Broken,
    }
}
