//! The vocabulary of write-ups (`domain.md` 2.3) as data: headings, columns, status words, labels. Languages are data, not code.
//!
//! Every entry is in the form that [`normal`] gives.

use unicode_normalization::UnicodeNormalization;

use crate::model::terms::{Claimed, Kind, Priority, Severity};

/// What a heading or label announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Topic {
    /// Actions: its items are findings.
    Actions,
    /// One action: the prose behind it is a finding.
    Action,
    /// Something like actions: its items are candidates.
    Perhaps,
    /// Certainly something else, also inside a section of actions.
    Aside,
}

/// What a column of a table holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    /// What must be done.
    Title,
    /// More about it.
    Description,
    /// Kind of action.
    Kind,
    /// Class of finding.
    Class,
    /// Who is asked.
    Owner,
    /// The team.
    Team,
    /// How soon.
    Priority,
    /// How bad.
    Severity,
    /// Issues.
    Tracker,
    /// Deadline.
    Due,
    /// What is claimed.
    Status,
    /// How the reviewer will know.
    Criteria,
    /// Cause; kept in the document only.
    Cause,
    /// Id of the finding.
    Id,
}

/// Headings that are known as they are.
const TOPICS: &[(Topic, &[&str])] = &[
    (
        Topic::Actions,
        &[
            "action plan",
            "actions and follow ups",
            "items to follow up",
            "todo",
            "todos",
            "to do",
            "plan of action and milestones",
            "poa&m",
            "next steps",
            "what we will do",
            "remediation",
            "éléments d'action",
            "mesures à prendre",
            "plan d'action",
            "actions correctives",
            "actions préventives",
            "acciones correctivas",
            "acciones preventivas",
            "plan de acción",
            "acciones",
            "plano de ação",
            "ações corretivas",
            "ações preventivas",
            "ações de acompanhamento",
            "ações",
            "maßnahmen",
            "folgemaßnahmen",
            "再発防止",
            "再発防止策",
            "アクションアイテム",
            "是正",
            "是正措置",
            "改进措施",
            "行动项",
            "后续改进",
        ],
    ),
    (
        Topic::Perhaps,
        &[
            "what we're doing about it",
            "what we are doing about it",
            "what are we doing about it",
            "how are we preventing it from happening again",
            "how are we preventing this from happening again",
            "how will we prevent this",
            "recommendations",
        ],
    ),
    (
        Topic::Aside,
        &[
            "follow up timeline",
            "timeline",
            "detailed timeline",
            "attendees",
            "stats",
            "lessons learned",
            "what went well",
            "what went wrong",
            "what went poorly",
            "where we got lucky",
            "appendix",
            "supporting information",
            "background",
            "root cause",
            "root causes",
            "references",
            "glossary",
        ],
    ),
];

/// Words that name actions by themselves.
const NOUNS: &[&str] =
    &["action", "actions", "follow up", "follow ups", "followup", "followups", "remediations", "todos"];
/// Words that name actions when one of [`QUALIFIERS`] stands beside them.
const WEAK_NOUNS: &[&str] =
    &["item", "items", "measure", "measures", "improvement", "improvements", "task", "tasks"];
/// Words that may stand beside the nouns.
const QUALIFIERS: &[&str] = &[
    "action",
    "actions",
    "follow up",
    "followup",
    "corrective",
    "preventive",
    "preventative",
    "prevention",
    "remediation",
    "review",
    "future",
    "planned",
    "proposed",
    "recommended",
    "outstanding",
    "mitigation",
    "improvement",
    "post incident",
    "postmortem",
    "post mortem",
    "security",
    "next",
    "required",
];
/// Words that change nothing.
const FILLERS: &[&str] = &[
    "and", "or", "the", "our", "to", "be", "taken", "take", "needed", "required", "planned", "list",
    "status", "/", ",",
];

/// Synonyms of columns; the longest that a header contains wins.
const COLUMNS: &[(Field, &[&str])] = &[
    (
        Field::Title,
        &[
            "action item",
            "action items",
            "action item description",
            "action description",
            "action",
            "actions",
            "action name",
            "item",
            "task",
            "measure",
            "remediation",
            "corrective action",
            "weakness name",
            "finding",
            "mesure à prendre",
            "élément d'action",
            "ação",
            "acción",
            "maßnahme",
            "対応",
            "タスク",
            "对策",
            "アクション",
            "行动项",
            "what",
            "todo",
            "improvement",
            "follow up",
            "title",
        ],
    ),
    (Field::Description, &["description", "details", "notes", "comments", "comment"]),
    (Field::Kind, &["type", "types", "kind", "category", "action type", "tipo", "art", "種別"]),
    (Field::Class, &["class", "finding class"]),
    (
        Field::Owner,
        &[
            "owner",
            "owners",
            "who",
            "assignee",
            "assignees",
            "assigned to",
            "dri",
            "responsible",
            "action owner",
            "point of contac",
            "point of contact",
            "poc",
            "responsable",
            "responsável",
            "verantwortlich",
            "dueño",
            "担当",
            "担当者",
            "オーナー",
            "责任人",
            "负责人",
        ],
    ),
    (Field::Team, &["team", "group", "squad", "department", "équipe", "equipo", "チーム", "团队"]),
    (
        Field::Priority,
        &[
            "priority",
            "prio",
            "p level",
            "niveau de priorité",
            "priorité",
            "prioridade",
            "prioridad",
            "priorität",
            "優先度",
            "优先级",
        ],
    ),
    (Field::Severity, &["severity", "risk rating", "original risk rating", "gravité", "深刻度", "严重程度"]),
    (
        Field::Tracker,
        &[
            "bug",
            "bug #",
            "bug/tracking",
            "tracking",
            "tracker",
            "issue",
            "issues",
            "issue #",
            "ticket",
            "tickets",
            "jira",
            "link to jira ticket",
            "link",
            "pr",
            "# de problème",
            "チケット",
            "工单",
        ],
    ),
    (
        Field::Due,
        &[
            "due",
            "due date",
            "due by",
            "deadline",
            "target",
            "target date",
            "eta",
            "estimated resolution",
            "scheduled completion date",
            "completion date",
            "by when",
            "prazo",
            "échéance",
            "date d'échéance",
            "fecha límite",
            "frist",
            "期限",
            "截止",
            "截止时间",
        ],
    ),
    (
        Field::Status,
        &[
            "status",
            "state",
            "done",
            "complete",
            "completed",
            "complet",
            "progress",
            "statut",
            "estado",
            "ステータス",
            "状态",
        ],
    ),
    (
        Field::Criteria,
        &[
            "evaluation criteria",
            "acceptance criteria",
            "validation method",
            "verification",
            "done when",
            "確認方法",
            "验证方式",
        ],
    ),
    (
        Field::Cause,
        &["root cause", "root causes", "corresponding root cause", "corresponding root causes", "cause"],
    ),
    (Field::Id, &["id", "#", "no.", "no", "nr", "nr.", "action id", "finding id", "poa&m id", "poam id"]),
];

/// Headers of actions that count even outside a section of actions.
const ACTION_HEADERS: &[&str] = &[
    "action",
    "task",
    "remediation",
    "corrective",
    "follow up",
    "follow-up",
    "weakness name",
    "mesure à prendre",
    "ação",
    "acción",
    "maßnahme",
    "対応",
    "タスク",
    "对策",
    "アクション",
    "行动项",
    "todo",
];

/// Columns that tell what happened when; a table with one is a history, not a plan.
const HISTORY_COLUMNS: &[&str] =
    &["time", "timestamp", "when", "date and time", "event", "events", "time utc", "utc"];

/// Claims that work is done, as a cell, a bracket or a heading's suffix says it.
const DONE: &[&str] = &[
    "done",
    "complete",
    "completed",
    "closed",
    "fixed",
    "resolved",
    "implemented",
    "yes",
    "x",
    "[x]",
    "✅",
    "☑",
    "☑️",
    "✔",
    "✔️",
    "✓",
    "fait",
    "terminé",
    "hecho",
    "feito",
    "concluído",
    "erledigt",
    "完了",
    "已完成",
];
/// Claims that work has begun.
const IN_PROGRESS: &[&str] = &[
    "ongoing",
    "in progress",
    "in process",
    "started",
    "doing",
    "wip",
    "🚧",
    "en cours",
    "en curso",
    "in arbeit",
    "対応中",
    "进行中",
];
/// Says that work has not begun, was dropped or is late: no claim.
const NOT_BEGUN: &[&str] = &[
    "planned",
    "open",
    "todo",
    "to do",
    "not started",
    "new",
    "pending",
    "backlog",
    "delayed",
    "cancelled",
    "canceled",
    "won't do",
    "wont do",
    "no",
    "[ ]",
    "blocked",
];
/// Kinds of actions, each with the forms in which people write it.
const KINDS: &[(Kind, &[&str])] = &[
    (Kind::Prevent, &["prevent", "prevention", "preventive", "preventative"]),
    (Kind::Detect, &["detect", "detection", "monitor", "monitoring"]),
    (Kind::Mitigate, &["mitigate", "mitigation", "mitigative"]),
    (Kind::Repair, &["repair", "fix"]),
    (Kind::Investigate, &["investigate", "investigation", "investigative"]),
    (Kind::Process, &["process", "procedure", "procedural"]),
];
/// Says that there is nothing.
const NONE: &[&str] = &[
    "none",
    "n/a",
    "na",
    "not applicable",
    "nil",
    "no action items",
    "no actions",
    "no action required",
    "-",
    "–",
    "—",
    "なし",
    "无",
];
/// Stands where something is still to be written.
const PLACEHOLDER: &[&str] =
    &["tbd", "tba", "tbc", "todo", "...", "…", "xxx", "?", "to be determined", "to be defined"];
/// Labels before the name of an owner.
pub(super) const OWNER_LABELS: &[&str] = &["owner", "assignee", "assigned to", "dri", "responsible", "担当"];
/// Labels before a deadline.
pub(super) const DUE_LABELS: &[&str] =
    &["due date", "due by", "due", "deadline", "eta", "target date", "by", "期限", "📅"];
/// Texts of links that only say that they are links.
const LINK_WORDS: &[&str] = &[
    "issue",
    "issues",
    "ticket",
    "pr",
    "prs",
    "pull request",
    "bug",
    "link",
    "jira",
    "here",
    "github",
    "this",
];
/// Words left over before a reference that was cut off the end of a title.
pub(super) const LEFT_OVER: &[&str] = &[
    "in",
    "see",
    "via",
    "at",
    "ticket",
    "issue",
    "pr",
    "bug",
    "tracked in",
    "tracked by",
    "tracked at",
    "jira",
];
/// Marks of actions in running text.
pub(super) const INLINE_MARKERS: &[&str] = &["[action item]", "[action]", "action item:", "action:", "todo("];

/// What a heading or a label announces, if anything.
pub(super) fn topic(heading: &str) -> Option<Topic> {
    let words = normal(heading).replace(" & ", " and ").replace("follow-up", "follow up").replace('-', " ");
    let known = TOPICS.iter().find(|(_, all)| all.contains(&words.as_str()));
    if let Some((topic, _)) = known {
        return Some(*topic);
    }
    if !names_actions(&words) {
        return words.contains("action items").then_some(Topic::Actions);
    }
    let plural = words.split(' ').any(|word| word.ends_with('s') && !FILLERS.contains(&word));
    Some(if plural || !words.contains("action") { Topic::Actions } else { Topic::Action })
}

/// Whether a heading consists of nothing but words for actions, such as "corrective and preventive actions".
fn names_actions(words: &str) -> bool {
    let (mut nouns, mut weak, mut qualifiers) = (0, 0, 0);
    let mut rest = words;
    while !rest.is_empty() {
        let Some((length, noun, weak_noun, qualifier)) = longest(rest) else { return false };
        nouns += usize::from(noun);
        weak += usize::from(weak_noun);
        qualifiers += usize::from(qualifier);
        rest = rest.get(length..).unwrap_or_default().trim_start();
    }
    nouns > 0 || (weak > 0 && qualifiers > 0)
}

fn longest(text: &str) -> Option<(usize, bool, bool, bool)> {
    let begins = |word: &&&str| {
        text.strip_prefix(**word).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '/', ',']))
    };
    let all = [NOUNS, WEAK_NOUNS, QUALIFIERS, FILLERS];
    let word = all.into_iter().flatten().filter(begins).max_by_key(|word| word.len())?;
    Some((word.len(), NOUNS.contains(word), WEAK_NOUNS.contains(word), QUALIFIERS.contains(word)))
}

/// What a column holds: the longest synonym in its header decides. Two fields of equal claim, or none, decide nothing.
pub(super) fn column(header: &str) -> Option<Field> {
    let header = normal(header).replace('-', " ");
    let mut claims: Vec<(usize, Field)> = COLUMNS
        .iter()
        .flat_map(|(field, words)| words.iter().map(move |word| (field, word)))
        .filter(|(_, word)| mentions(&header, word))
        .map(|(field, word)| (word.chars().count(), *field))
        .collect();
    claims.sort_by(|a, b| b.cmp(a));
    claims.dedup_by_key(|(_, field)| *field);
    match claims.as_slice() {
        [(first, _), (second, _), ..] if first == second => None,
        [(_, field), ..] => Some(*field),
        [] => None,
    }
}

/// Whether a column tells what happened when.
pub(super) fn is_history(header: &str) -> bool {
    let header = normal(header);
    HISTORY_COLUMNS.iter().any(|word| header == *word || header.starts_with(&format!("{word} ")))
}

/// Whether a header contains a synonym as words of its own; scripts without spaces match anywhere.
fn mentions(header: &str, word: &str) -> bool {
    if matches!(word, "#" | "id" | "no" | "no." | "nr" | "nr." | "what" | "art") {
        return header == word;
    }
    header.match_indices(word).any(|(at, _)| {
        let spaced = word.is_ascii() || word.chars().all(|c| (c as u32) < 0x2E80);
        let before = header.get(..at).unwrap_or_default().chars().next_back();
        let after = header.get(at + word.len()..).unwrap_or_default().chars().next();
        !spaced || ![before, after].into_iter().flatten().any(char::is_alphanumeric)
    })
}

/// What a status word claims; none when it is no status word.
pub(super) fn status(text: &str) -> Option<Claimed> {
    let word = normal(text);
    let bare = word.trim_matches(['.', '!', '*', ' ']);
    let is = |words: &[&str]| words.contains(&bare);
    match () {
        () if is(DONE) => Some(Claimed::Done),
        () if is(IN_PROGRESS) => Some(Claimed::InProgress),
        () if is(NOT_BEGUN) || is(NONE) || is(PLACEHOLDER) => Some(Claimed::None),
        () => None,
    }
}

/// The kind of action that a word of a table or a label names.
pub(super) fn action_kind(text: &str) -> Option<Kind> {
    let words = normal(text);
    let first = words.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    KINDS.iter().find(|(_, all)| all.contains(&first)).map(|(kind, _)| *kind)
}

/// The severity that a word names.
pub(super) fn severity(text: &str) -> Option<Severity> {
    Severity::parse(normal(text).trim_matches(['*', '.', ' ']))
}

/// The priority that a word names.
pub(super) fn priority(text: &str) -> Option<Priority> {
    let words = normal(text);
    Priority::parse(words.split([' ', ':', '-']).next().unwrap_or_default())
}

/// Whether a header names actions and nothing wider, such as "finding" or "item".
pub(super) fn is_action(header: &str) -> bool {
    let header = normal(header);
    ACTION_HEADERS.iter().any(|word| header.contains(word))
}

/// Whether a cell says nothing: it is empty, says that there is nothing, or waits to be written.
pub(super) fn says_nothing(text: &str) -> bool {
    text.is_empty() || is_none(text) || is_placeholder(text)
}

/// Whether a text says that there is nothing.
pub(super) fn is_none(text: &str) -> bool {
    let folded = text.nfkc().collect::<String>().to_lowercase();
    NONE.contains(&folded.trim().trim_end_matches(['.', '!']).trim())
        || matches!(text.trim(), "-" | "–" | "—")
}

/// Whether a text stands where something is still to be written.
pub(super) fn is_placeholder(text: &str) -> bool {
    let folded = text.nfkc().collect::<String>().to_lowercase();
    let bare = folded.trim().trim_matches(['[', ']', '<', '>', '*', '_', ' ']);
    PLACEHOLDER.contains(&bare) || PLACEHOLDER.contains(&text.trim())
}

/// Whether the text of a link only says that it is a link.
pub(super) fn is_link_word(text: &str) -> bool {
    let word = normal(text);
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    let number = word.rsplit([' ', '#', '-']).next().is_some_and(|end| {
        !end.is_empty() && end.chars().all(|c| c.is_ascii_digit()) && word.split(' ').count() <= 2
    });
    LINK_WORDS.contains(&word) || number || word.starts_with("http")
}

/// A text without what may vary: compatibility forms, case, numbering, a final colon, a bracketed suffix.
pub(super) fn normal(text: &str) -> String {
    let folded = text.nfkc().collect::<String>().to_lowercase().replace('’', "'");
    let squeezed = super::text::squeeze(&folded);
    let unnumbered = squeezed.trim_start_matches(|c: char| c.is_ascii_digit());
    let mut rest = match unnumbered.strip_prefix(['.', ')']) {
        Some(after) if unnumbered.len() < squeezed.len() => after.trim_start(),
        _ => squeezed.as_str(),
    };
    rest = rest.trim_end_matches([':', ' ']);
    if let Some((before, _)) = rest.strip_suffix(')').and_then(|inner| inner.rsplit_once('('))
        && !before.trim().is_empty()
    {
        rest = before;
    }
    rest.trim_end_matches([':', ' ']).to_owned()
}
