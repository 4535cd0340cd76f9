//! Widths of columns (列宽) of the sheets of a workbook, which `calamine` does not tell: all that is kept of its looks.
//!
//! Works on parts that were looked over. What is not as a spreadsheet writes it has no widths, which harms nobody.

use memchr::memmem;
use std::collections::HashMap;

/// Columns from 0 and their widths, in characters, by the name of the part.
#[derive(Debug, Default)]
pub(super) struct Widths {
    of_part: HashMap<String, Vec<(u32, f64)>>,
    /// The parts of the workbook that say which sheet is which part.
    book: String,
    relations: String,
}

/// More columns are not given a width of their own.
const MOST_COLUMNS: u32 = 256;

impl Widths {
    /// Looks at a part on the way.
    pub(super) fn look_at(&mut self, name: &str, part: &[u8]) {
        let text = |part: &[u8]| String::from_utf8_lossy(part).into_owned();
        if name.ends_with("workbook.xml") {
            self.book = text(part);
        } else if name.ends_with("workbook.xml.rels") {
            self.relations = text(part);
        } else if name.contains("worksheets/") && name.ends_with(".xml") {
            // They stand before the cells.
            let start = part.get(..part.len().min(1 << 14)).unwrap_or_default();
            let columns = memmem::find(start, b"<cols>").and_then(|at| start.get(at..)).map(text).unwrap_or_default();
            let columns = columns.split_once("</cols>").map_or("", |(columns, _)| columns);
            let mut widths = Vec::new();
            for tag in columns.split("<col ").skip(1) {
                let number = |name: &str| attribute(tag, name)?.parse::<f64>().ok();
                let (Some(first), Some(last), Some(width)) = (number("min"), number("max"), number("width")) else { continue };
                if (1.0..=255.0).contains(&width) {
                    let within = |column: &u32| first <= f64::from(column + 1) && f64::from(column + 1) <= last;
                    widths.extend((0..MOST_COLUMNS).filter(within).map(|column| (column, (width - PADDING).max(1.0))));
                }
            }
            self.of_part.insert(name.rsplit('/').next().unwrap_or(name).to_owned(), widths);
        }
    }

    /// Those of a sheet.
    pub(super) fn of_sheet(&self, sheet: &str) -> Vec<(u32, f64)> {
        let tag = |text: &'_ str, element: &str, name: &str, value: &str| {
            text.split(element).skip(1).find(|tag| attribute(tag, name).as_deref() == Some(value)).map(str::to_owned)
        };
        let target = tag(&self.book, "<sheet ", "name", sheet)
            .and_then(|tag| attribute(&tag, "r:id"))
            .and_then(|id| tag(&self.relations, "<Relationship ", "Id", &id))
            .and_then(|tag| attribute(&tag, "Target"));
        let part = target.as_deref().and_then(|target| target.rsplit('/').next()).unwrap_or_default();
        self.of_part.get(part).cloned().unwrap_or_default()
    }
}

/// What a workbook adds to the width of a column for the space on both sides of what stands in it, in characters.
const PADDING: f64 = 0.710_937_5;

/// An attribute of the tag that a text begins within.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let tag = tag.split('>').next()?;
    let at = tag.find(&format!(" {name}=\"")).map(|at| at + 1).or_else(|| tag.starts_with(&format!("{name}=\"")).then_some(0))?;
    let value = tag.get(at + name.len() + 2..)?.split('"').next()?;
    Some(value.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'").replace("&amp;", "&"))
}
