//! An example for everything that readers notice, with its place and the exact words.

use std::collections::BTreeSet;

use postmortem_sync::{
    model::{conventions::Conventions, ids::SourceName},
    source::read_bytes,
};

use super::{formats, house, rich_texts};

/// Code, file, what stands in it, line, and what is said.
type Example = (&'static str, &'static str, &'static str, usize, &'static str);

const EXAMPLES: [Example; 31] = [
    (
        "long_row",
        "a.md",
        "# T\n\n## Action items\n\n| Action | Owner |\n|-|-|\n| Rotate | ana | and more |\n",
        7,
        "this row has more cells than the header, so the last ones are not read",
    ),
    (
        "no_action_section",
        "a.md",
        "# T\n\nNobody says what to do.\n",
        0,
        "no section, label or table of actions was found, so nothing of this write-up is followed",
    ),
    (
        "only_candidates",
        "a.md",
        "# T\n\n## Action items\n\nWe will rotate the keys.\n",
        0,
        "nothing of this write-up is followed, and what may be actions waits for a person: 1",
    ),
    (
        "prose_candidate",
        "a.md",
        "# T\n\n## Action items\n\nWe will rotate the keys.\n",
        5,
        "this may be an action: We will rotate the keys.",
    ),
    (
        "ambiguous_date",
        "a.md",
        "# T\n\n## Action items\n\n- Rotate the keys (due: 03/04/2026)\n",
        5,
        "`03/04/2026` may be 2026-03-04 or 2026-04-03, so there is no deadline",
    ),
    (
        "empty_action_section",
        "a.md",
        "# T\n\n## Action items\n",
        3,
        "an action section is announced here, but nothing in it could be read as an action",
    ),
    (
        "explicit_none",
        "a.md",
        "# T\n\n## Action items\n\nNone.\n",
        5,
        "the write-up says that there are no actions here",
    ),
    (
        "placeholder_title",
        "a.md",
        "# T\n\n## Action items\n\n- TBD\n",
        5,
        "`TBD` stands where an action is still to be written",
    ),
    (
        "declined",
        "a.md",
        "# T\n\n## Action items\n\n- Rotate the keys (won't do)\n",
        5,
        "the write-up says that this is not to be done, or not now: Rotate the keys",
    ),
    (
        "collection_link",
        "a.md",
        "# T\n\n## Action items\n\n- See https://github.com/acme/payments/issues?q=label%3Asecurity\n",
        5,
        "the link leads to many issues, so none of them is followed",
    ),
    (
        "unmapped_column",
        "a.md",
        "# T\n\n## Action items\n\n| Action | Mood |\n|-|-|\n| Rotate | good |\n",
        5,
        "nobody knows what the column `Mood` holds, so it is not read",
    ),
    (
        "invalid_id",
        "a.md",
        "# T\n\n## Action items\n\n- Rotate <!-- finding: a b -->\n",
        5,
        "`a b` cannot be the id of a finding",
    ),
    (
        "duplicate_id",
        "a.md",
        "# T\n\n## Action items\n\n- F1: Rotate\n- F1: Alert\n",
        6,
        "the id `F1` is already used on line 5",
    ),
    (
        "repeated_number",
        "a.md",
        "# T\n\n## Action items\n\n| # | Action |\n|-|-|\n| 1 | Rotate |\n| 1 | Alert |\n",
        8,
        "`1` already counts on line 7, so it is no id here",
    ),
    (
        "unknown_severity",
        "a.md",
        "---\nseverity: dreadful\n---\n# T\n\n## Action items\n\n- Rotate\n",
        2,
        "`dreadful` is no severity that is known, so it counts as high until a person says otherwise",
    ),
    (
        "unknown_status",
        "a.md",
        "---\nstatus: dreamy\n---\n# T\n\n## Action items\n\n- Rotate\n",
        2,
        "`dreamy` is no status that is known, so the write-up counts as a draft",
    ),
    (
        "unknown_tlp",
        "a.md",
        "---\ntlp: PURPLE\n---\n# T\n\n## Action items\n\n- Rotate\n",
        2,
        "`PURPLE` is no class that is known, so the write-up counts as RED and nothing of it leaves the register",
    ),
    (
        "above_header",
        "a.csv",
        "Findings of June\nAction,Owner,Due\nRotate,Ana,2026-06-01\n",
        1,
        "this line above the header is not read",
    ),
    (
        "no_date",
        "a.md",
        "# T\n\n## Action items\n\n| Action | Due |\n|-|-|\n| Rotate | next sprint |\n",
        7,
        "`next sprint` is no date, so there is no deadline; the words stay with the finding",
    ),
    (
        "noted_date",
        "a.md",
        "# T\n\n## Action items\n\n| Action | Due |\n|-|-|\n| Rotate | 2026-05-01 (was: March) |\n",
        7,
        "of `2026-05-01 (was: March)` only the day 2026-05-01 is read as the deadline; the words stay with the finding",
    ),
    (
        "unknown_reference",
        "a.md",
        "# T\n\n## Action items\n\n- Rotate the keys (#55)\n",
        5,
        "`#55` leads nowhere: no default repository is known",
    ),
    (
        "unknown_key",
        "a.md",
        "---\nseverty: high\n---\n# T\n\n## Action items\n\n- Rotate\n",
        2,
        "nobody knows what `severty` means here, so `high` is not used",
    ),
    (
        "unknown_label",
        "a.md",
        "# T\n\n## Action items\n\n- Rotate\n  - Onwer: Ana\n",
        6,
        "nobody knows the label `Onwer`, so what stands behind it is only text",
    ),
    (
        "document_owner",
        "a.md",
        "---\nowner: ana\n---\n# T\n\n## Action items\n\n- Rotate\n",
        2,
        "`ana`, the owner of the write-up, counts as the owner of 1 action that names nobody",
    ),
    (
        "handling_word",
        "a.md",
        "---\nclassification: Confidential\n---\n# T\n\n## Action items\n\n- Rotate\n",
        2,
        "`Confidential` is no class of the Traffic Light Protocol; it counts as AMBER+STRICT",
    ),
    (
        "unknown_value",
        "a.md",
        "# T\n\n## Action items\n\n| Action | Priority |\n|-|-|\n| Rotate | dreadful |\n",
        7,
        "`dreadful` is no priority that is known, so it is not used",
    ),
    (
        "duplicate_row",
        "a.csv",
        "id,title,severity,active,false_p,duplicate\n1,Rotate,High,True,False,True\n",
        2,
        "another finding says the same, says DefectDojo, so this row is left out: Rotate",
    ),
    ("unsupported_format", "a.yaml", "format: other/1\n", 1, "`other/1` is no format that is read"),
    (
        "invalid_yaml",
        "a.yaml",
        "format: postmortem/1\nid: [\n",
        3,
        "this is not well-formed YAML: while parsing a node, did not find expected node content",
    ),
    (
        "impossible_date",
        "a.yaml",
        "format: postmortem/1\nid: PM-1\ntitle: T\npublished: 2026-02-30\nincident: { severity: high }\nfindings: []\n",
        4,
        "/published: `2026-02-30` is no day that exists",
    ),
    (
        "unknown_cause",
        "a.yaml",
        "format: postmortem/1\nid: PM-1\ntitle: T\nincident: { severity: high }\nfindings:\n  - { id: F1, title: Rotate, class: technical_lapse, causes: [C9] }\n",
        6,
        "/findings/0/causes/0: no cause has the id `C9`",
    ),
];

/// What takes more than a few lines to be noticed: what is too large, and what a folder brings.
const LARGER: [&str; 7] = [
    "not_a_file",
    "too_large",
    "too_many_columns",
    "too_many_findings",
    "too_many_rows",
    "outside_root",
    "unreadable",
];

/// Code, line and message of everything that is noticed in a document.
fn noticed(name: &str, text: &[u8]) -> Vec<(String, usize, String)> {
    let document = read_bytes(&SourceName::from("here"), name, text, &Conventions::default());
    document.diagnostics.into_iter().map(|noted| (noted.code, noted.line, noted.message)).collect()
}

#[test]
fn every_example_is_told_in_exactly_these_words() {
    for (code, name, text, line, message) in EXAMPLES {
        let told = noticed(name, text.as_bytes());
        assert!(told.contains(&(code.to_owned(), line, message.to_owned())), "{code}: {told:#?}");
    }
}

#[test]
fn what_is_too_large_is_told_with_the_limit() {
    let wide = (0..300).map(|n| format!("c{n}")).collect::<Vec<_>>().join(",");
    let many = format!("# T\n\n## Action items\n\n{}", "- Rotate\n".repeat(10_001));
    let long = format!("Action\n{}", "Rotate\n".repeat(10_001));
    for (name, text, line, code, message) in [
        ("a.csv", wide, 1, "too_many_columns", "the table has 300 columns, more than the 200 that are read"),
        (
            "a.md",
            many,
            10_005,
            "too_many_findings",
            "the file holds more than the 10000 actions that are read of one, so none of them is read",
        ),
        (
            "a.csv",
            long,
            10_002,
            "too_many_rows",
            "the table has more than the 10000 rows that are read of one table",
        ),
    ] {
        let told = noticed(name, text.as_bytes());
        assert!(told.contains(&(code.to_owned(), line, message.to_owned())), "{code}: {told:#?}");
    }
}

#[test]
fn every_code_of_the_readers_has_an_example() {
    let shown: BTreeSet<String> = EXAMPLES
        .iter()
        .map(|example| example.0.to_owned())
        .chain(LARGER.map(str::to_owned))
        .chain(formats::codes())
        .chain(rich_texts::codes_noticed())
        .collect();
    let used = house::codes_of_the_readers();
    assert!(used.len() > 25, "{used:?}");
    let missing: Vec<&String> = used.difference(&shown).collect();
    assert!(missing.is_empty(), "without an example: {missing:?}");
}
