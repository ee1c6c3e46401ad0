//! Files of a source: which are read, and what happens to those that cannot be.

use std::{collections::BTreeMap, fs, os::unix::fs::symlink, path::Path, time::Duration};

use chrono::TimeDelta;
use postmortem_sync::{
    app::{Documents, SystemClock},
    cycle::ports::Library as _,
    model::{
        clock::Clock as _, conventions::Conventions, document::FileStat, ids::SourceName, observed::Observed,
        postmortem::Document,
    },
    settings::{Settings, secret::Environment},
    source::{Rewritten, Shelf, Source, read_paths},
};

const WRITE_UP: &str = "# Leak\n\n## Action items\n\n- Rotate\n";

fn source(root: &Path, files: &[&str]) -> Source {
    Source {
        name: SourceName::from("here"),
        root: root.to_owned(),
        files: files.iter().map(|pattern| (*pattern).to_owned()).collect(),
        max_bytes: 1000,
        conventions: Conventions::default(),
    }
}

fn read(root: &Path, files: &[&str]) -> Vec<Document> {
    source(root, files).read(&mut Shelf::default()).known().cloned().unwrap()
}

fn write(root: &Path, path: &str, bytes: impl AsRef<[u8]>) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn paths(documents: &[Document]) -> Vec<&str> {
    documents.iter().map(|document| document.path.as_str()).collect()
}

#[test]
fn files_are_read_once_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    for path in ["b/2.md", "a.md", "b/1.md", "c.txt"] {
        write(folder.path(), path, WRITE_UP);
    }
    fs::create_dir(folder.path().join("d.md")).unwrap();
    let documents = read(folder.path(), &["**/*.md", "a.md", "*.md"]);
    assert_eq!(paths(&documents), ["a.md", "b/1.md", "b/2.md"]);
    assert_eq!(documents[0].hash, documents[1].hash);
    assert_eq!(documents[0].hash.len(), 64);
}

#[test]
fn files_are_where_people_find_them_unless_they_say_so_themselves() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "2026/a key #1.md", WRITE_UP);
    write(folder.path(), "told.md", format!("---\nurl: https://wiki.example/told\n---\n{WRITE_UP}"));
    let mut source = source(folder.path(), &["**/*.md"]);
    source.conventions.address = Some("https://git.example/pm/blob/main/{path}".to_owned());
    let mut shelf = Shelf::default();
    for _ in 0..2 {
        let documents = source.read(&mut shelf).known().cloned().unwrap();
        let urls: Vec<Option<String>> =
            documents.iter().map(|document| document.postmortem.known().unwrap().url.clone()).collect();
        let placed = "https://git.example/pm/blob/main/2026/a%20key%20%231.md";
        assert_eq!(urls, [Some(placed.to_owned()), Some("https://wiki.example/told".to_owned())]);
    }
}

#[test]
fn a_folder_whose_name_looks_like_a_pattern_is_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "[x]*/a.md", WRITE_UP);
    assert_eq!(paths(&read(&folder.path().join("[x]*"), &["*.md"])), ["a.md"]);
}

#[test]
fn nothing_found_is_unknown_and_not_an_empty_list() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.txt", WRITE_UP);
    for (root, pattern) in [
        (folder.path().to_owned(), "*.md"),
        (folder.path().join("gone"), "*"),
        (folder.path().join("a.txt"), "*"),
    ] {
        assert!(
            matches!(source(&root, &[pattern]).read(&mut Shelf::default()), Observed::Unknown { .. }),
            "{}",
            root.display()
        );
    }
    assert!(matches!(source(folder.path(), &["../*"]).read(&mut Shelf::default()), Observed::Unknown { .. }));
}

#[test]
fn a_link_out_of_the_folder_is_refused_and_one_inside_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root");
    write(folder.path(), "secret.md", WRITE_UP);
    write(&root, "a.md", WRITE_UP);
    symlink(folder.path().join("secret.md"), root.join("out.md")).unwrap();
    symlink(root.join("a.md"), root.join("in.md")).unwrap();
    symlink(root.join("gone.md"), root.join("lost.md")).unwrap();
    let documents = read(&root, &["*.md"]);
    assert_eq!(paths(&documents), ["a.md", "in.md", "lost.md", "out.md"]);
    assert!(documents[1].postmortem.known().is_some());
    assert_eq!(documents[2].diagnostics[0].code, "unreadable");
    assert_eq!(documents[3].diagnostics[0].code, "outside_root");
    assert!(documents[3].postmortem.known().is_none());
}

#[test]
fn a_file_that_cannot_be_read_is_unknown_and_spoils_no_other() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.md", [b'#', 0xff, 0xfe]);
    write(folder.path(), "b.md", "x".repeat(1001));
    write(folder.path(), "c.md", WRITE_UP);
    write(folder.path(), "d.yaml", "a: [");
    let documents = read(folder.path(), &["*"]);
    let codes: Vec<&str> = documents
        .iter()
        .filter_map(|document| document.diagnostics.first())
        .map(|noted| noted.code.as_str())
        .collect();
    assert_eq!(codes, ["not_text", "too_large", "invalid_yaml"]);
    assert_eq!(documents.iter().filter(|document| document.postmortem.known().is_some()).count(), 1);
}

#[test]
fn named_folders_are_walked_without_hidden_files() {
    let folder = tempfile::tempdir().unwrap();
    for path in ["a/b/1.md", "a/.git/2.md", "a/.3.md", "a/x.xml"] {
        write(folder.path(), path, WRITE_UP);
    }
    symlink(folder.path(), folder.path().join("a/loop")).unwrap();
    let missing = folder.path().join("gone.md");
    let paths = [folder.path().join("a"), missing.clone()];
    let documents = read_paths(&SourceName::from("scan"), &paths, 1000, &Conventions::default());
    let ends: Vec<&str> =
        documents.iter().map(|document| document.path.rsplit('/').next().unwrap()).collect();
    assert_eq!(ends, ["1.md", "x.xml", "gone.md"]);
    assert_eq!(documents[1].diagnostics[0].code, "unsupported_format");
    assert_eq!(documents[2].diagnostics[0].code, "unreadable");
}

#[test]
fn a_file_is_parsed_once_for_as_long_as_its_bytes_stay_the_same() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.md", "b.md"] {
        write(folder.path(), name, WRITE_UP);
    }
    let (source, mut shelf) = (source(folder.path(), &["*.md"]), Shelf::default());
    let first = source.read(&mut shelf);
    assert_eq!(shelf.parsed(), 2);
    assert_eq!(source.read(&mut shelf), first);
    assert_eq!(shelf.parsed(), 2, "nothing changed");
    write(folder.path(), "a.md", "# Leak\n\n## Action items\n\n- Revoke\n");
    fs::rename(folder.path().join("b.md"), folder.path().join("c.md")).unwrap();
    let second = source.read(&mut shelf).known().cloned().unwrap();
    assert_eq!(shelf.parsed(), 4, "one has other bytes, one another path");
    let titles: Vec<(&str, &str)> = second
        .iter()
        .map(|document| {
            (document.path.as_str(), document.postmortem.known().unwrap().findings[0].title.as_str())
        })
        .collect();
    assert_eq!(titles, [("a.md", "Revoke"), ("c.md", "Rotate")]);
    fs::remove_file(folder.path().join("c.md")).unwrap();
    source.read(&mut shelf);
    write(folder.path(), "c.md", "\u{FEFF}");
    let third = source.read(&mut shelf).known().cloned().unwrap();
    assert_eq!((third.len(), shelf.parsed()), (2, 5), "what was away is read when it comes back");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_takes_too_long_is_unknown_and_spoils_no_other_reading() {
    let folder = tempfile::tempdir().unwrap();
    for n in 0..300 {
        write(folder.path(), &format!("pm-{n}.md"), WRITE_UP);
    }
    let main = "instance: acme\nmode: observe\nsources: [{ name: docs, files: [\"*.md\"] }]\n";
    write(folder.path(), "main.yaml", main);
    let settings = Settings::load(&folder.path().join("main.yaml"), Environment::new(|_| None)).unwrap();
    let documents = || Documents::new(settings.sources.clone(), BTreeMap::new());
    let hasty = documents().within(Duration::ZERO);
    let Observed::Unknown { why } = &hasty.listings().await[0].documents else { panic!("it was in time") };
    assert!(why.contains("took longer than"), "{why}");
    let patient = documents().listings().await;
    assert_eq!(patient[0].documents.known().map(Vec::len), Some(300));
}

#[test]
fn what_no_pattern_matches_is_not_told_however_much_of_it_lies_beside_write_ups() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "PM-1.md", "# T\n\n## Action items\n\n- Rotate the keys\n");
    for number in 0..40 {
        for extension in ["png", "docx", "pdf", "zip", "adoc", "xlsx"] {
            write(folder.path(), &format!("attachments/{number}.{extension}"), b"PK\x03\x04");
            write(folder.path(), &format!("{number}.{extension}"), b"PK\x03\x04");
        }
    }
    let documents = read(folder.path(), &["**/*.md"]);
    assert_eq!(paths(&documents), ["PM-1.md"]);
    assert_eq!(documents[0].diagnostics, []);
}

/// What is known of files: what the file system said of each, and the digest of its bytes.
type Known = BTreeMap<String, (FileStat, String)>;

/// What the file system says of the files of a folder.
fn stats(root: &Path, files: &[&str]) -> Known {
    let same = |document: Document| (document.path, (document.stat.unwrap(), document.hash));
    read(root, files).into_iter().map(same).collect()
}

/// Files are still what they were as long as nothing of what the file system says of them differs; in doubt they are not.
#[test]
fn files_are_still_what_they_were_until_anything_about_them_differs() {
    let folder = tempfile::tempdir().unwrap();
    let (root, files) = (folder.path(), ["**/*.md"]);
    for path in ["a.md", "b/1.md"] {
        write(root, path, WRITE_UP);
    }
    fs::create_dir(root.join("c.md")).unwrap();
    let (now, later) = (SystemClock.now(), SystemClock.now() + TimeDelta::hours(1));
    let edited = |known: &Known| {
        let Rewritten { edited, gone, .. } = source(root, &files).altered(known.clone(), later)?;
        let gone = gone.into_iter().map(|path| format!("-{path}"));
        Some(edited.into_iter().chain(gone).collect::<Vec<_>>().join(" "))
    };
    let still = Some(String::new());
    let known = stats(root, &files);
    assert_eq!(known.len(), 2);
    assert_eq!(edited(&known), still);
    let just_now = |known: &Known| source(root, &files).altered(known.clone(), now).unwrap().edited.len();
    assert_eq!(just_now(&known), 0, "its bytes are the same");
    let mut other = known.clone();
    "another".clone_into(&mut other.get_mut("a.md").unwrap().1);
    assert_eq!(just_now(&other), 1, "what was written to a moment before it was read may have been again");
    assert_eq!(edited(&other), still, "long after, nobody reads it");
    let mut fewer = known.clone();
    fewer.remove("a.md");
    assert_eq!(edited(&fewer).as_deref(), Some("a.md"), "a file that was not there");
    let mut more = known.clone();
    more.insert("z.md".to_owned(), known["a.md"].clone());
    assert_eq!(edited(&more).as_deref(), Some("-z.md"), "a file that is gone");
    let stamp = fs::metadata(root.join("a.md")).unwrap().modified().unwrap();
    write(root, "a.md", WRITE_UP.replace("Rotate", "Revoke"));
    fs::File::options().append(true).open(root.join("a.md")).unwrap().set_modified(stamp).unwrap();
    assert_eq!(edited(&known).as_deref(), Some("a.md"), "as long as before, and with its old time put back");
    assert_eq!(edited(&stats(root, &files)), still);
    let known = stats(root, &files);
    fs::remove_file(root.join("b/1.md")).unwrap();
    write(root, "b/1.md", WRITE_UP);
    let again = source(root, &files).altered(known.clone(), later).unwrap();
    assert_eq!(
        again.edited,
        [].into(),
        "it was written anew, as somebody deploys a folder, and says the same"
    );
    assert_eq!(again.same, [("b/1.md".to_owned(), stats(root, &files)["b/1.md"].0)].into());
    fs::rename(root.join("b/1.md"), root.join("b/2.md")).unwrap();
    let renamed = edited(&known);
    assert_eq!(renamed.as_deref(), Some("b/2.md -b/1.md"), "another name");
    assert_eq!(source(root, &["*.txt"]).altered(known.clone(), later), None, "no file at all is no answer");
    symlink("/etc/hostname", root.join("out.md")).unwrap();
    let mut known = stats(root, &["a.md", "b/*.md"]);
    known.insert("out.md".to_owned(), Default::default());
    assert_eq!(edited(&known), None, "a file that leads out of the folder is not read, and not still");
}
