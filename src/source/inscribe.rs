//! Writing into documents: invisible comments behind an action, with every other byte as it was.
//!
//! Knows where on a line a comment may stand so that the document says the same as before. Whether it does is read again
//! after each comment; one that would change anything else is not written.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{Source, format, read_bytes};
use crate::{
    disk,
    model::postmortem::{Document, Postmortem},
};

/// A comment for the action on a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Comment {
    /// `<!-- finding: F3 -->`: the id by which the register knows it. It survives any rewording.
    Id(String),
    /// `<!-- issue: acme/payments#7 open -->`: where it is followed, and how it stands there.
    Issue(String),
}

impl Comment {
    /// What the comment begins with.
    fn lead(&self) -> &'static str {
        match self {
            Self::Id(_) => "<!-- finding:",
            Self::Issue(_) => "<!-- issue:",
        }
    }

    fn text(&self) -> String {
        let (Self::Id(value) | Self::Issue(value)) = self;
        format!("{} {} -->", self.lead(), value.replace("--", "- -").replace(['<', '>', '|', '\n'], " "))
    }
}

/// What became of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inscribed {
    /// The document with its comments; the same bytes when there was nothing to write.
    pub bytes: Vec<u8>,
    /// Lines whose comment was written.
    pub written: Vec<usize>,
    /// Lines behind which a comment cannot stand without changing what the document says.
    pub refused: Vec<usize>,
}

/// Puts comments behind the actions on some lines of a document.
pub fn inscribe(source: &Source, path: &str, bytes: &[u8], comments: &[(usize, Comment)]) -> Inscribed {
    let mut done = Inscribed { bytes: bytes.to_vec(), ..Inscribed::default() };
    for (line, comment) in comments {
        let before = read_bytes(&source.name, path, &done.bytes, &source.conventions);
        let says_the_same = |bytes: &[u8]| {
            let after = read_bytes(&source.name, path, bytes, &source.conventions);
            expected(&before, *line, comment)
                .is_some_and(|expected| after.postmortem.known() == Some(&expected))
        };
        let fitting = variants(&done.bytes, *line, comment).into_iter().find(|bytes| says_the_same(bytes));
        match fitting {
            Some(bytes) if bytes == done.bytes => {}
            Some(bytes) => {
                done.bytes = bytes;
                done.written.push(*line);
            }
            None => done.refused.push(*line),
        }
    }
    done
}

/// What the document must say afterwards: the same, and the id where it is one.
fn expected(before: &Document, line: usize, comment: &Comment) -> Option<Postmortem> {
    let mut postmortem = before.postmortem.known()?.clone();
    let mut there = postmortem.findings.iter_mut().filter(|finding| finding.line == line);
    let (finding, None) = (there.next()?, there.next()) else { return None };
    if let Comment::Id(id) = comment {
        finding.id = Some(id.clone());
    }
    Some(postmortem)
}

/// The document with the comment at each place where it may stand on its line: in the place of an earlier one, at the
/// end, or in one of the cells of a row.
fn variants(bytes: &[u8], line: usize, comment: &Comment) -> Vec<Vec<u8>> {
    let text = std::str::from_utf8(bytes).ok();
    let range = text.and_then(|text| line_range(text, line));
    let places = text.zip(range).map(|(text, range)| {
        let said = text.get(range.clone()).unwrap_or_default();
        let spliced = |start: usize, end: usize, new: &str| {
            let (start, end) = (range.start + start, range.start + end);
            [text.get(..start), Some(new), text.get(end..)]
                .into_iter()
                .flatten()
                .collect::<String>()
                .into_bytes()
        };
        if let Some((start, end)) = earlier(said, comment.lead()) {
            return vec![spliced(start, end, &comment.text())];
        }
        let ends = said.match_indices('|').map(|(at, _)| at).chain([said.len()]);
        let mut ends: Vec<usize> =
            ends.map(|at| said.get(..at).unwrap_or_default().trim_end().len()).collect();
        // The end of the line first: only in a row of a table is it no place.
        ends.reverse();
        ends.dedup();
        ends.into_iter().map(|end| spliced(end, end, &format!(" {}", comment.text()))).collect()
    });
    places.unwrap_or_default()
}

/// The bytes of a line, from 1, without its end.
fn line_range(text: &str, line: usize) -> Option<std::ops::Range<usize>> {
    let mut start = 0;
    for _ in 1..line {
        let rest = text.get(start..)?;
        let end = rest.find(['\n', '\r'])?;
        let both = rest.get(end..)?.starts_with("\r\n");
        start += end + 1 + usize::from(both);
    }
    let rest = text.get(start..)?;
    Some(start..start + rest.find(['\n', '\r']).unwrap_or(rest.len()))
}

/// An earlier comment of the same sort on a line.
fn earlier(said: &str, lead: &str) -> Option<(usize, usize)> {
    let start = said.find(lead)?;
    let end = said.get(start..)?.find("-->")?;
    Some((start, start + end + "-->".len()))
}

/// The file that a source calls `path`, and its bytes, if they are still those that `document` was read from.
///
/// # Errors
/// The file is gone, leads out of its source, or has changed meanwhile.
pub fn unchanged(source: &Source, document: &Document) -> io::Result<(PathBuf, Vec<u8>)> {
    let root = source.root.canonicalize()?;
    let file = root.join(&document.path).canonicalize()?;
    if !file.starts_with(&root) {
        return Err(io::Error::other("the file leads out of the folder of its source"));
    }
    let bytes = fs::read(&file)?;
    if format::digest(&bytes) != document.hash {
        return Err(io::Error::other("the file has changed since it was read; try again"));
    }
    Ok((file, bytes))
}

/// Puts new bytes in the place of a file at once: whoever reads it finds the old ones or the new ones.
///
/// # Errors
/// Nothing was changed.
pub fn replace(file: &Path, bytes: &[u8]) -> io::Result<()> {
    disk::rewrite(file, bytes)
}
