//! Tables of a page: rows as wide as the header, with cells that reach over several.
//!
//! Knows elements of tables. A table that only places things on a page is no table.

use super::{
    super::{
        block::{Block, Kind, Row, Table},
        text::{Mark, Text},
    },
    flat,
    out::{Out, Place},
    run::Style,
    walk::Walker,
};
use crate::source::html::Id;

/// Most columns that a cell reaches over, and most rows.
const WIDEST: usize = 100;
const LONGEST: usize = 1_000;

/// A row as it is written.
struct Written {
    id: Id,
    cells: Vec<Id>,
    heads: bool,
}

/// A cell that reaches into rows below.
#[derive(Clone)]
struct Reaching {
    rows: usize,
    text: Text,
}

impl Walker<'_> {
    /// A table.
    pub(super) fn table(&mut self, id: Id, out: &mut Out, style: &Style, depth: usize) {
        out.flush();
        let rows = self.rows(id);
        if self.only_places(id, &rows) {
            for cell in rows.iter().flat_map(|row| &row.cells) {
                self.children(*cell, out, style, depth);
                out.flush();
            }
            return;
        }
        if let Some(caption) = self.dom.child(id, "caption") {
            let bold = Style { mark: Mark { strong: true, ..style.mark }, ..style.clone() };
            let title = flat::heading(self.inside(caption, Place::Inside, &bold, depth));
            if !title.is_blank() {
                out.push(self.dom.at(caption), Kind::Paragraph(title));
            }
        }
        let mut reaching: Vec<Option<Reaching>> = Vec::new();
        let mut tables = Vec::new();
        let mut table = Table::default();
        let head = rows.iter().take_while(|row| row.heads).count().saturating_sub(1);
        for (number, row) in rows.iter().enumerate() {
            let cells = self.cells(row, &mut reaching, &mut tables, (style, depth));
            match number {
                _ if number < head => {}
                _ if number == head => table.head = cells,
                _ => table.rows.push(Row { at: self.dom.at(row.id), cells }),
            }
        }
        squared(&mut table);
        if !table.head.is_empty() {
            out.push(self.dom.at(id), Kind::Table(table));
        }
        out.blocks.append(&mut tables);
    }

    /// The rows of a table, without those of tables in it.
    fn rows(&self, id: Id) -> Vec<Written> {
        let dom = self.dom;
        let mut rows = Vec::new();
        let mut left: Vec<(Id, bool)> = vec![(id, false)];
        while let Some((one, heads)) = left.pop() {
            match dom.name(one) {
                "tr" => rows.push(self.row(one, heads)),
                "td" | "th" => {}
                "table" if one != id => {}
                name => {
                    let heads = heads || name == "thead";
                    let shown = dom.children(one).iter().rev().filter(|child| !self.is_left_out(**child));
                    left.extend(shown.map(|child| (*child, heads)));
                }
            }
        }
        rows.retain(|row: &Written| !row.cells.is_empty());
        rows
    }

    fn row(&self, id: Id, heads: bool) -> Written {
        let dom = self.dom;
        let shown = dom.children(id).iter().copied().filter(|cell| {
            let cells = matches!(dom.name(*cell), "td" | "th");
            cells && !dom.has_class(*cell, "numberingColumn") && !self.is_left_out(*cell)
        });
        Written { id, cells: shown.collect(), heads }
    }

    /// Whether a table only places things: it has one cell, is said to be for looks, has headings in it, or one row without headers.
    fn only_places(&self, id: Id, rows: &[Written]) -> bool {
        let cells: Vec<Id> = rows.iter().flat_map(|row| row.cells.iter().copied()).collect();
        let role = self.dom.attribute(id, "role").unwrap_or_default();
        let head = |cell: &Id| self.dom.name(*cell) == "th";
        let inner = |cell: &Id| {
            let heading = |one: Id| matches!(self.dom.name(one), "h1" | "h2" | "h3" | "h4" | "h5" | "h6");
            self.dom.find(*cell, heading).is_some()
        };
        let alone = rows.len() == 1 && !cells.iter().any(head);
        cells.len() < 2 || role == "presentation" || alone || cells.iter().any(inner)
    }

    /// The cells of a row, by column.
    fn cells(
        &mut self,
        row: &Written,
        reaching: &mut Vec<Option<Reaching>>,
        tables: &mut Vec<Block>,
        (style, depth): (&Style, usize),
    ) -> Vec<Text> {
        let mut cells: Vec<Text> = Vec::new();
        for cell in &row.cells {
            reached(&mut cells, reaching);
            let blocks = self.inside(*cell, Place::Cell, style, depth);
            let (text, mut inner) = flat::cell(blocks);
            tables.append(&mut inner);
            let columns = self.reach(*cell, "colspan", WIDEST);
            let rows = self.reach(*cell, "rowspan", LONGEST);
            for number in 0..columns {
                let text = if number == 0 { text.clone() } else { Text::default() };
                if reaching.len() <= cells.len() {
                    reaching.resize_with(cells.len() + 1, || None);
                }
                if let Some(below) = reaching.get_mut(cells.len()).filter(|_| rows > 1) {
                    *below = Some(Reaching { rows: rows - 1, text: text.clone() });
                }
                cells.push(text);
            }
        }
        reached(&mut cells, reaching);
        cells
    }

    fn reach(&self, cell: Id, name: &str, most: usize) -> usize {
        let stated = self.dom.attribute(cell, name).and_then(|reach| reach.trim().parse::<usize>().ok());
        stated.unwrap_or(1).clamp(1, most)
    }
}

/// Adds the cells of rows above that reach into this one.
fn reached(cells: &mut Vec<Text>, reaching: &mut [Option<Reaching>]) {
    while let Some(slot) = reaching.get_mut(cells.len()) {
        let Some(above) = slot else { return };
        cells.push(above.text.clone());
        above.rows -= 1;
        if above.rows == 0 {
            *slot = None;
        }
    }
}

/// Makes every row as wide as the header, which gets a column without a name where something stands beyond it.
fn squared(table: &mut Table) {
    let said = |row: &Row| row.cells.iter().rposition(|cell| !cell.is_blank()).map_or(0, |last| last + 1);
    let widest = table.rows.iter().map(said).max().unwrap_or_default().min(WIDEST + 1);
    let width = table.head.len().max(widest);
    table.head.resize_with(width, Text::default);
    for row in &mut table.rows {
        row.cells.resize_with(width, Text::default);
    }
}
