//! Texts that diagnostics point into: files by number, spots in them, and line and column for
//! people (both from 1, columns in characters, as editors count).

use crate::model::Text;

/// A file of [`Sources`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A range of bytes in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    pub file: FileId,
    pub start: usize,
    /// Exclusive; equal to `start` for a point.
    pub end: usize,
}

impl Spot {
    /// The bytes `start..end` of a file.
    pub const fn new(file: FileId, start: usize, end: usize) -> Self {
        Self { file, start, end }
    }

    /// From the start of this spot to the end of another one in the same file.
    pub fn to(self, other: Self) -> Self {
        Self::new(self.file, self.start, other.end.max(self.start))
    }

    /// The same file, other bytes.
    pub const fn at(self, start: usize, end: usize) -> Self {
        Self::new(self.file, start, end)
    }
}

/// One text with the name that it is shown under.
#[derive(Clone, Debug)]
pub struct SourceFile {
    pub id: FileId,
    /// As it is shown: relative to where the daemon runs.
    pub path: Text,
    /// Without a byte order mark.
    pub text: Text,
}

/// Line and column, both from 1; the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumn {
    pub line: usize,
    pub column: usize,
}

impl SourceFile {
    /// The bytes from `start` to `end`; empty where they are no range of this text.
    pub fn slice(&self, start: usize, end: usize) -> &str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// The text under a spot.
    pub fn written(&self, spot: Spot) -> &str {
        self.slice(spot.start, spot.end)
    }

    /// Where the line that holds an offset begins.
    pub fn line_start(&self, offset: usize) -> usize {
        self.slice(0, self.floor(offset))
            .rfind('\n')
            .map_or(0, |newline| newline + 1)
    }

    /// Where the line that holds an offset ends, before its line break.
    pub fn line_end(&self, offset: usize) -> usize {
        let offset = self.floor(offset);
        let rest = self.slice(offset, self.text.len());
        let end = offset + rest.find('\n').unwrap_or(rest.len());
        let whole = self.slice(self.line_start(offset), end);
        end - usize::from(whole.ends_with('\r') && end > offset)
    }

    /// The line that holds an offset, without its line break.
    pub fn line(&self, offset: usize) -> &str {
        self.slice(self.line_start(offset), self.line_end(offset))
    }

    /// Line and column of an offset.
    pub fn line_column(&self, offset: usize) -> LineColumn {
        let before = self.slice(0, self.floor(offset));
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        LineColumn {
            line: before.bytes().filter(|byte| *byte == b'\n').count() + 1,
            column: before.get(start..).unwrap_or_default().chars().count() + 1,
        }
    }

    /// The nearest character boundary at or before an offset, within the text.
    pub fn floor(&self, offset: usize) -> usize {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }
}

/// All texts of one load.
#[derive(Clone, Debug, Default)]
pub struct Sources(Vec<SourceFile>);

impl Sources {
    /// Adds a text. A byte order mark goes, as editors show none.
    pub fn add(&mut self, path: impl Into<Text>, text: &str) -> FileId {
        let id = FileId(u32::try_from(self.0.len()).unwrap_or(u32::MAX));
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        self.0.push(SourceFile {
            id,
            path: path.into(),
            text: text.into(),
        });
        id
    }

    /// The file of that number.
    pub fn get(&self, id: FileId) -> Option<&SourceFile> {
        self.0.get(id.0 as usize)
    }

    /// All files in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = &SourceFile> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let mut sources = Sources::default();
        let id = sources.add("a", "\u{feff}一\r\n二三: x\n");
        let file = sources.get(id).unwrap();
        let at = file.text.find('x').unwrap();
        assert_eq!(file.line_column(at), LineColumn { line: 2, column: 5 });
        assert_eq!(file.line(at), "二三: x");
        assert_eq!(file.line(0), "一");
        assert_eq!(file.line(file.text.len()), "");
        assert_eq!(file.line_column(9_999).line, 3);
    }
}
