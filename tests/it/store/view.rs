//! The register in parts: page by page it is what a full read has.

use postmortem_sync::{
    model::page::Page,
    store::view::{FindingQuery, LinkPlace, Order, View},
};

use super::{
    rows_of::{any_write, damage_by_other_means},
    *,
};

/// Everything that pages have, in one.
async fn walked(view: &mut dyn View, most: u32) -> Page {
    let mut whole = Page { misfits: view.prove().await.unwrap(), ..Page::default() };
    loop {
        let Page { findings, links, parts, misfits, last } =
            view.page(whole.last.as_ref(), most).await.unwrap();
        whole.findings.extend(findings);
        whole.links.extend(links);
        whole.parts.extend(parts);
        whole.misfits.extend(misfits);
        if last.is_none() {
            whole.misfits.sort();
            return whole;
        }
        whole.last = last;
    }
}

/// All links, in order of linking.
async fn linked(view: &mut dyn View, most: u32) -> Vec<Link> {
    let (mut all, mut after): (Vec<Link>, Option<LinkPlace>) = (Vec::new(), None);
    loop {
        let page = view.links(after.as_ref(), most).await.unwrap();
        let Some((last, _)) = page.last() else { return all };
        after = Some(last.clone());
        all.extend(page.into_iter().filter_map(|(_, link)| link));
    }
}

fn keys(page: &Page) -> Vec<String> {
    page.findings.iter().map(|finding| finding.key.to_string()).collect()
}

#[tokio::test]
async fn pages_of_any_length_are_together_what_a_full_read_has_whatever_was_changed_by_other_means() {
    let mut n_misfits = 0;
    for seed in 0..12 {
        let desk = Desk::new();
        let store = desk.open().await;
        let lease = leased(&*store).await;
        store.record(&lease, full().0).await.unwrap();
        let keys = (1..4).flat_map(|pm| (1..4).map(move |n| format!("PM-{pm}/F{n}")));
        store.record(&lease, keys.map(|key| put(build::finding(&key))).collect()).await.unwrap();
        let (mut dice, mut attempt) = (Dice(seed), 10);
        for _ in 0..30 {
            store.record(&lease, any_write(&mut dice, &mut attempt)).await.unwrap();
        }
        for damage in 0..4 {
            if damage > 0 {
                damage_by_other_means(&desk, &mut dice).await;
            }
            let whole = store.load().await.unwrap();
            n_misfits += whole.misfits.len();
            for most in [1, 2, 500] {
                let why = format!("seed {seed}, damage {damage}, {most} at once");
                let mut view = store.view().await.unwrap();
                let page = walked(&mut *view, most).await;
                assert_eq!(page.misfits, whole.misfits, "{why}");
                let findings: Vec<Finding> = whole.findings.values().cloned().collect();
                assert_eq!(page.findings, findings, "{why}");
                let mut links = whole.links.clone();
                links.sort_by(|link, other| link.finding.cmp(&other.finding));
                assert_eq!(page.links, links, "{why}");
                assert_eq!(linked(&mut *view, most).await, whole.links, "{why}");
                for finding in findings.iter().filter(|finding| finding.state == State::PendingVerification) {
                    assert_eq!(page.parts_of(&finding.key), whole.parts(&finding.key), "{why}");
                }
            }
            let mut view = store.view().await.unwrap();
            let beside = view.beside().await.unwrap();
            assert_eq!((beside.notes, beside.version), (whole.notes, whole.version));
        }
    }
    assert!(n_misfits > 30, "{n_misfits} misfits");
}

/// A register of findings in all states, with deadlines and without.
async fn listed(desk: &Desk, n: usize) -> (Box<dyn Store>, Lease) {
    let store = desk.open().await;
    let lease = leased(&*store).await;
    let findings = (0..n).map(|n| {
        let mut finding = build::finding(&format!("PM-{}/F{}", n % 7, n));
        finding.state = State::ALL[n % State::ALL.len()];
        finding.clock.due = (n % 5 > 0).then(|| format!("2026-03-{:02}", n % 28 + 1).parse().unwrap());
        put(finding)
    });
    store.record(&lease, findings.collect()).await.unwrap();
    (store, lease)
}

/// What a query finds, a few at a time, and how many were left each time.
async fn found(view: &mut dyn View, query: &FindingQuery, most: u32) -> (Vec<String>, Vec<usize>) {
    let (mut all, mut left, mut after) = (Vec::new(), Vec::new(), None);
    loop {
        left.push(view.remaining(query, after.as_ref()).await.unwrap());
        let page = view.some(query, after.as_ref(), most).await.unwrap();
        let Some(last) = &page.last else { return (all, left) };
        assert_eq!(page.misfits, []);
        all.extend(keys(&page));
        after = Some(last.clone());
    }
}

#[tokio::test]
async fn whatever_a_query_finds_is_read_once_in_its_order_in_parts_of_any_length() {
    let desk = Desk::new();
    let (store, _lease) = listed(&desk, 60).await;
    let register = store.load().await.unwrap();
    let day = |text: &str| Some(text.parse::<chrono::NaiveDate>().unwrap());
    let open: BTreeSet<State> = [State::Open, State::InProgress].into();
    for (states, order) in [
        (open.clone(), Order::Key),
        (State::ALL.iter().copied().collect(), Order::Key),
        (open.clone(), Order::Due),
        (BTreeSet::from([State::Resolved]), Order::Due),
        (open.clone(), Order::DueBetween { after: None, until: day("2026-03-14").unwrap() }),
        (open, Order::DueBetween { after: day("2026-03-04"), until: day("2026-03-14").unwrap() }),
        (BTreeSet::new(), Order::Key),
    ] {
        let query = FindingQuery { states, order };
        let is_found = |finding: &&Finding| {
            let due = finding.clock.due;
            let is_due = match &query.order {
                Order::Key | Order::Due => true,
                Order::DueBetween { after, until } => {
                    due.is_some_and(|due| due <= *until && after.is_none_or(|after| due > after))
                }
            };
            query.states.contains(&finding.state) && is_due
        };
        let mut expected: Vec<&Finding> = register.findings.values().filter(is_found).collect();
        if query.order != Order::Key {
            expected.sort_by_key(|finding| (finding.clock.due.is_none(), finding.clock.due, &finding.key));
        }
        let expected: Vec<String> = expected.iter().map(|finding| finding.key.to_string()).collect();
        for most in [1, 3, 500] {
            let mut view = store.view().await.unwrap();
            let (keys, left) = found(&mut *view, &query, most).await;
            assert_eq!(keys, expected, "{query:?} {most}");
            let each: Vec<usize> =
                left.iter().enumerate().map(|(n, left)| n * most as usize + left).collect();
            assert!(
                each[..each.len() - 1].iter().all(|n| *n == expected.len()),
                "{query:?} {most}: {left:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_row_that_does_not_fit_is_told_and_left_out_of_the_few_that_are_read() {
    for (sql, told) in [
        ("UPDATE finding SET severity = 'low' WHERE key = 'PM-1/F1'", "finding PM-1/F1"),
        ("UPDATE finding SET data = '{broken' WHERE key = 'PM-1/F1'", "finding PM-1/F1"),
        ("UPDATE link SET kind = 'cited'", "link PM-1/F1"),
        ("DELETE FROM link", "link PM-1/F1"),
        ("DELETE FROM stamp WHERE kind = 'finding'; DELETE FROM finding WHERE key = 'PM-2/F1'", ""),
    ] {
        let desk = Desk::new();
        let store = desk.open().await;
        let lease = leased(&*store).await;
        store.record(&lease, full().0).await.unwrap();
        store.record(&lease, vec![put(build::finding("PM-2/F1"))]).await.unwrap();
        let query = FindingQuery { states: State::ALL.iter().copied().collect(), order: Order::Key };
        let page = store.view().await.unwrap().some(&query, None, 10).await.unwrap();
        assert_eq!((page.misfits.len(), page.links.len()), (0, 1));
        desk.shell_run(sql).await;
        let page = store.view().await.unwrap().some(&query, None, 10).await.unwrap();
        let named: Vec<String> = page.misfits.iter().map(|misfit| misfit.row.to_string()).collect();
        assert_eq!(named.len(), usize::from(!told.is_empty()), "{sql}: {named:?}");
        assert!(named.iter().all(|name| name.starts_with(told)), "{sql}: {named:?}");
        assert_eq!(
            page.findings.iter().any(|finding| finding.key.as_str() == "PM-1/F1"),
            !told.starts_with("finding")
        );
        assert_eq!(page.links.len(), usize::from(!told.starts_with("link")), "{sql}");
    }
}

#[tokio::test]
async fn whatever_is_recorded_meanwhile_is_not_in_a_view() {
    let desk = Desk::new();
    let (store, lease) = listed(&desk, 20).await;
    let mut view = store.view().await.unwrap();
    let query = FindingQuery { states: [State::Open].into(), order: Order::Due };
    let before = found(&mut *view, &query, 500).await.0;
    let first = view.some(&query, None, 2).await.unwrap();
    let resolved = Finding {
        state: State::Resolved,
        ..store.load().await.unwrap().findings[&FindingKey::from(&*before[3])].clone()
    };
    store.record(&lease, vec![put(resolved), put(build::finding("PM-0/F0a"))]).await.unwrap();
    let rest = view.some(&query, first.last.as_ref(), 500).await.unwrap();
    assert_eq!([keys(&first), keys(&rest)].concat(), before);
    let states = view.states().await.unwrap();
    assert_eq!(states.values().sum::<usize>(), 20);
    let after = found(&mut *store.view().await.unwrap(), &query, 500).await.0;
    assert!(!after.contains(&before[3]) && after.contains(&"PM-0/F0a".to_owned()), "{after:?}");
}

#[tokio::test]
async fn findings_that_ask_for_the_same_are_known_before_they_are_read() {
    let desk = Desk::new();
    let store = desk.open().await;
    let lease = leased(&*store).await;
    let titled = |key: &str, title: &str| {
        let mut finding = build::finding(key);
        reword(&mut finding, |words| words.title = title.to_owned());
        put(finding)
    };
    let writes = vec![
        titled("PM-1/F1", "Watch the age of backups"),
        titled("PM-2/F1", "watch the AGE of backups."),
        titled("PM-3/F1", "Watch the age of logs"),
        titled("PM-4/F1", "Fix it"),
        titled("PM-5/F1", "Fix it"),
    ];
    store.record(&lease, writes).await.unwrap();
    let repeated = store.view().await.unwrap().repeated().await.unwrap();
    assert_eq!(repeated, BTreeSet::from(["PM-1/F1".into(), "PM-2/F1".into()]));
}
