//! Markups and documents that are not read: each is refused by its name, with what to do instead.

use std::collections::BTreeSet;

use postmortem_sync::{
    model::{
        conventions::Conventions,
        ids::SourceName,
        observed::Observed,
        postmortem::{Document, Level},
    },
    source::read_bytes,
};

const REFUSED: [&str; 22] = [
    "adoc", "rst", "org", "wiki", "textile", "tex", "docx", "doc", "odt", "rtf", "pages", "one", "mht",
    "pdf", "xlsx", "xls", "ods", "numbers", "pptx", "eml", "msg", "mhtml",
];

fn scanned(path: &str) -> Document {
    read_bytes(
        &SourceName::from("here"),
        path,
        b"PK\x03\x04 = Action items\n\n* Rotate\n",
        &Conventions::default(),
    )
}

#[test]
fn what_is_not_read_is_refused_by_name_with_what_to_do_instead() {
    for extension in REFUSED {
        for path in [format!("pm.{extension}"), format!("notes/PM.{}", extension.to_uppercase())] {
            let document = scanned(&path);
            let [told] = document.diagnostics.as_slice() else { panic!("{extension}: {document:?}") };
            assert_eq!((told.level, told.code.as_str()), (Level::Error, "unsupported_format"), "{extension}");
            assert!(told.message.contains(path.rsplit('/').next().unwrap()), "{told:?}");
            let help = told.help.as_deref().unwrap();
            assert!(["HTML", ".html", "Markdown", ".md", "CSV"].iter().any(|to| help.contains(to)), "{help}");
            assert!(matches!(document.postmortem, Observed::Unknown { .. }));
        }
    }
    let named = ["adoc", "rst", "org", "wiki", "textile", "docx", "pdf", "xlsx"];
    let advice = |extension: &str| scanned(&format!("a.{extension}")).diagnostics[0].help.clone();
    let different: BTreeSet<_> = named.iter().map(|extension| advice(extension)).collect();
    assert_eq!(different.len(), named.len());
}
