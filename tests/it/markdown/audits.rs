//! Reports of audits and penetration tests: what they found, by table, chapter and list.

use postmortem_sync::model::{
    postmortem::{DocumentFinding, Postmortem},
    terms::{Claimed, Severity},
};

use super::{read, titles};

fn claims(found: &[DocumentFinding]) -> Vec<Claimed> {
    found.iter().map(|finding| finding.claimed).collect()
}

fn waiting(read: &Postmortem) -> Vec<&str> {
    read.candidates.iter().map(|candidate| candidate.text.as_str()).collect()
}

#[test]
fn a_table_of_what_was_found_is_read_by_its_status() {
    for (title, header, states) in [
        (
            "Penetration test of the shop",
            "| ID | Vulnerability | Severity | CVSS | Status |",
            ["Open", "Fixed in v2", "Risk accepted"],
        ),
        (
            "Security assessment",
            "| No. | Observation | Risk | CWE | Remediation status |",
            ["Not yet fixed", "Retested", "Accepted"],
        ),
        (
            "Rapport d'audit",
            "| N° | Vulnérabilité | Gravité | CVSS | Statut |",
            ["à corriger", "Corrigé le 2026-05-01", "Faux positif"],
        ),
        (
            "Auditoría de seguridad",
            "| ID | Hallazgo | Severidad | CVSS | Estado |",
            ["Pendiente", "Subsanado", "Aceptado"],
        ),
        (
            "Teste de invasão",
            "| ID | Achado | Criticidade | CVSS | Situação |",
            ["Em fila", "Corrigido", "Risco aceito"],
        ),
        (
            "Sicherheitsaudit",
            "| Nr. | Schwachstelle | Risiko | CVSS | Umsetzungsstand |",
            ["offen", "behoben", "zurückgestellt"],
        ),
        ("脆弱性診断", "| 番号 | 脆弱性 | 危険度 | CVSS | 対応状況 |", ["未対応", "修正済み", "リスク受容"]),
        ("渗透测试", "| 编号 | 漏洞名称 | 风险等级 | CVSS | 修复状态 |", ["待修复", "已修复", "风险接受"]),
    ] {
        let mut text = format!("# {title}\n\n## Results of the week\n\n{header}\n|---|---|---|---|---|\n");
        for (row, state) in ["One", "Two", "Three"].into_iter().zip(states) {
            text.push_str(&format!("| X-{row} | Weakness {row} | high | 7.1 | {state} |\n"));
        }
        let read = read(&text);
        assert_eq!(titles(&read.findings), ["Weakness One", "Weakness Two"], "{title}");
        assert_eq!(claims(&read.findings), [Claimed::None, Claimed::Done], "{title}");
        assert_eq!(read.findings[0].severity, Some(Severity::High), "{title}");
        assert_eq!(waiting(&read), ["Weakness Three"], "{title}");
    }
}

#[test]
fn a_chapter_of_a_report_is_one_finding_and_what_it_recommends_stays_with_it() {
    let text = "# Pentest\n\n## Overview\n\n| ID | Finding | Severity |\n|---|---|---|\n| P-1 | Guessable links | High |\n| P-2 | Old TLS | Low |\n| P-3 | Verbose errors | Low |\n\n\
                ## Details\n\n### P-1: Guessable links\n\n**Severity:** High\n**Status:** Open\n\n#### Recommendation\n\n- Use random links\n- Let them expire\n\n\
                ### P-2: Old TLS\n\n| Severity | Low |\n|---|---|\n| Status | Remediated |\n\n### P-3: Verbose errors\n\nSeverity: Low\n\n#### Impact\n\nLittle.\n";
    let read = read(text);
    assert_eq!(titles(&read.findings), ["Guessable links", "Old TLS"]);
    assert_eq!(claims(&read.findings), [Claimed::None, Claimed::Done]);
    assert_eq!(read.findings[0].id.as_deref(), Some("P-1"));
    assert!(read.findings[0].description.as_deref().is_some_and(|said| said.contains("Let them expire")));
    assert_eq!(waiting(&read), ["Verbose errors"], "it asks for nothing");
}

#[test]
fn a_list_of_what_was_found_states_how_far_each_is() {
    let text = "# Security audit of the wallet\n\nThe answers of the team:\n\n1. Rounding of fees\n   - Severity: Medium\n   - Status: Fixed in [#7](https://github.com/acme/wallet/pull/7)\n\
                2. Unbounded loop\n   - Severity: High\n   - Status: In progress\n3. Floating pragma\n   - Severity: Info\n   - Status: Acknowledged\n";
    let read = read(text);
    assert_eq!(titles(&read.findings), ["Rounding of fees", "Unbounded loop"]);
    assert_eq!(claims(&read.findings), [Claimed::Done, Claimed::InProgress]);
    assert_eq!((read.findings[1].severity, read.findings[0].trackers.len()), (Some(Severity::High), 1));
    assert_eq!(waiting(&read), ["Floating pragma"]);
}

#[test]
fn what_only_looks_like_a_report_is_none() {
    for text in [
        "# Outage\n\n**Severity:** high\n**Status:** resolved\n\n## Action items\n\n- Shard it\n",
        "# Outage\n\n## Incident details\n\nSeverity: high\nStatus: resolved\n\n## Action items\n\n- Shard it\n",
        "# Outage\n\n## Affected services\n\n1. Shop\n   - Status: resolved\n\n## Action items\n\n- Shard it\n",
        "# Audit log deletion\n\n## Facts\n\n- Severity: high\n- Status: closed\n\n## Action items\n\n- Shard it\n",
        "# Outage\n\n## Observations\n\n- The log was empty\n\n## Action items\n\n- Shard it\n",
        "# Pentest\n\n## Rating\n\n| Severity | Meaning |\n|---|---|\n| High | at once |\n\n## Action items\n\n- Shard it\n",
    ] {
        let read = read(text);
        assert_eq!((titles(&read.findings), read.candidates.len()), (vec!["Shard it"], 0), "{text}");
    }
}

#[test]
fn numbers_that_start_again_are_no_ids() {
    let table = |action: &str| format!("| # | Action |\n|---|---|\n| 1 | {action} |\n\n");
    let text =
        format!("# Review\n\n## Action items\n\n{}### Later\n\n{}", table("Shard it"), table("Page earlier"));
    let found = read(&text).findings;
    assert_eq!(titles(&found), ["Shard it", "Page earlier"]);
    assert_eq!((found[0].id.as_deref(), found[1].id.as_deref()), (Some("1"), None));
}
