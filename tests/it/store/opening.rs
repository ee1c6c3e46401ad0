//! What is opened: whose register it is, which schema it has, and how its files are kept.

use super::*;

#[tokio::test]
async fn the_identity_is_pinned_when_the_register_is_created() {
    let desk = Desk::new();
    let first = desk.open().await.identity().await.unwrap();
    assert_eq!((first.marker_key.as_slice(), first.instance.as_str()), ([1; 32].as_slice(), "acme"));
    let shown = format!("{first:?}");
    assert!(shown.contains("acme") && !shown.contains("marker_key"), "{shown}");

    let address = format!("sqlite:{}", desk.path().display());
    let again = store::open(&address, &InstanceName::from("acme"), &seed(2), now()).await.unwrap();
    assert_eq!(again.identity().await.unwrap(), first);

    let elsewhere = Desk::new();
    let address = format!("sqlite:{}", elsewhere.path().display());
    let other = store::open(&address, &InstanceName::from("acme"), &seed(2), now()).await.unwrap();
    assert_ne!(other.identity().await.unwrap().database, first.database);
}

#[tokio::test]
async fn another_instance_is_refused() {
    let desk = Desk::new();
    drop(desk.open().await);
    match desk.open_as("globex").await.err() {
        Some(StoreError::OtherInstance { found, wanted }) => {
            assert_eq!((&*found, &*wanted), ("acme", "globex"))
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let desk = Desk::new();
    drop(desk.open().await);
    desk.shell_run(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (99, 'later', TRUE, x'00', 0)",
    )
    .await;
    let known = sqlite::schema::MIGRATIONS.last().unwrap().0;
    match desk.open_as("acme").await.err() {
        Some(StoreError::Newer { found, known: ours }) => assert_eq!((found, ours), (99, known)),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_schema_that_was_tampered_with_is_refused() {
    let desk = Desk::new();
    drop(desk.open().await);
    desk.shell_run("UPDATE _sqlx_migrations SET checksum = x'00'").await;
    assert!(matches!(desk.open_as("acme").await.err(), Some(StoreError::Migration(_))));
}

#[tokio::test]
async fn the_database_of_another_program_is_left_alone() {
    let desk = Desk::new();
    file::prepare(&desk.path()).unwrap();
    desk.shell_run("CREATE TABLE song (title TEXT)").await;
    let refused = desk.open_as("acme").await.err().unwrap();
    assert!(refused.to_string().contains("another program"), "{refused}");
    let mut shell = desk.shell().await;
    let tables: Vec<String> =
        sqlx::query_scalar("SELECT name FROM sqlite_master").fetch_all(&mut shell).await.unwrap();
    assert_eq!(tables, ["song"]);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    let desk = Desk::new();
    std::fs::write(desk.path(), "no database, but long enough for one to look at the header ".repeat(20))
        .unwrap();
    let refused = desk.open_as("acme").await.err().unwrap();
    assert!(refused.to_string().contains("check the address of the store"), "{refused}");
}

#[tokio::test]
async fn every_connection_writes_through_to_the_disk() {
    let desk = Desk::new();
    drop(desk.open().await);
    let mut shell = desk.shell().await;
    let mut settings = Vec::new();
    for pragma in ["PRAGMA journal_mode", "PRAGMA synchronous", "PRAGMA foreign_keys", "PRAGMA busy_timeout"]
    {
        let row = sqlx::query(pragma).fetch_one(&mut shell).await.unwrap();
        let text = sqlx::Row::try_get_unchecked::<String, _>(&row, 0).unwrap();
        settings.push(text);
    }
    assert_eq!(settings, ["wal", "2", "1", "5000"]);
}

#[tokio::test]
async fn a_setting_that_sqlite_does_not_take_is_refused() {
    let desk = Desk::new();
    drop(desk.open().await);
    // SQLite cannot change the journal of a file that somebody else has open, and only says so to who asks.
    for (setting, value) in [("synchronous", "normal"), ("foreign_keys", "off"), ("journal_mode", "delete")] {
        let weaker = sqlite::connection::options(&desk.path()).pragma(setting, value);
        let refused = sqlite::SqliteStore::open(weaker, &InstanceName::from("acme"), &seed(1), now())
            .await
            .unwrap_err();
        assert!(refused.to_string().contains(&format!("its `{setting}` is")), "{refused}");
    }
}

#[tokio::test]
async fn the_file_is_whole_by_itself_while_nothing_runs() {
    let desk = Desk::new();
    let copied = |name: &str| {
        let copy = desk.dir.path().join(name);
        std::fs::copy(desk.path(), &copy).unwrap();
        copy
    };
    let load = async |path: PathBuf| {
        let address = format!("sqlite:{}", path.display());
        let store = store::open(&address, &InstanceName::from("acme"), &seed(2), now()).await.unwrap();
        (store.identity().await.unwrap().marker_key, store.load().await.unwrap())
    };
    let store = desk.open().await;
    assert_eq!(load(copied("founded.db")).await, ([1; 32].to_vec(), Register::default()));
    let lease = leased(&*store).await;
    store.record(&lease, full().0).await.unwrap();
    store.release(lease).await.unwrap();
    assert_eq!(load(copied("after.db")).await, ([1; 32].to_vec(), full().1));
}

#[tokio::test]
async fn a_file_that_is_put_in_its_place_is_not_read_together_with_the_log_of_the_former_one() {
    let desk = Desk::new();
    let store = desk.open().await;
    let earlier = std::fs::read(desk.path()).unwrap();
    let lease = leased(&*store).await;
    store.record(&lease, full().0).await.unwrap();
    store.release(lease).await.unwrap();
    // What a process leaves beside the file that ends without closing it.
    let left = std::fs::read(desk.dir.path().join("register.db-wal")).unwrap();
    let elsewhere = Desk::new();
    let put = |bytes: &[u8]| {
        std::fs::write(elsewhere.path(), bytes).unwrap();
        std::fs::write(elsewhere.dir.path().join("register.db-wal"), &left).unwrap();
    };
    put(&[0xA5; 100_000]);
    let refused = elsewhere.open_as("acme").await.err().unwrap();
    assert!(refused.to_string().contains("check the address of the store"), "{refused}");
    put(&earlier);
    assert_eq!(elsewhere.open().await.load().await.unwrap(), Register::default());
}

#[tokio::test]
async fn a_copy_that_others_can_read_is_closed_to_them() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::new();
    let open = |path: &Path| std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o664)).unwrap();
    let store = desk.open().await;
    store.record(&leased(&*store).await, full().0).await.unwrap();
    let files = ["register.db", "register.db-wal", "register.db-shm"].map(|name| desk.dir.path().join(name));
    files.iter().for_each(|path| open(path));
    let _second = desk.open().await;
    for path in files {
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", path.display());
    }
}

#[tokio::test]
async fn a_file_with_a_second_name_is_refused() {
    let desk = Desk::new();
    drop(desk.open().await);
    let second = desk.dir.path().join("second.db");
    std::fs::hard_link(desk.path(), &second).unwrap();
    let refused = desk.open_as("acme").await.err().unwrap();
    assert!(refused.to_string().contains("hard link"), "{refused}");
    std::fs::remove_file(second).unwrap();
    desk.open().await;
}

#[tokio::test]
async fn every_file_belongs_to_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::new();
    let store = desk.open().await;
    let lease = leased(&*store).await;
    store.record(&lease, full().0).await.unwrap();
    let mut files = Vec::new();
    for entry in std::fs::read_dir(desk.dir.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{entry:?}");
        files.push(entry.file_name().into_string().unwrap());
    }
    files.sort();
    assert_eq!(
        files,
        ["register.db", "register.db-shm", "register.db-wal", "register.db.lineage", "register.db.lock"]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_can_open_a_new_file_at_once() {
    for _ in 0..5 {
        let desk = Desk::new();
        let opened = futures::future::join_all((0..8).map(|_| desk.open_as("acme"))).await;
        for store in opened {
            let identity = store.unwrap().identity().await.unwrap();
            assert_eq!(identity.marker_key, [1; 32]);
        }
    }
}

#[tokio::test]
async fn an_address_that_is_of_no_use_is_explained() {
    for (address, why) in [
        ("postgres://pm:hunter2@db/pm", "comes later"),
        ("postgresql://pm:hunter2@db/pm", "comes later"),
        ("mysql://pm:hunter2@db/pm", "write `sqlite:PATH`"),
        ("hunter2.db", "write `sqlite:PATH`"),
        ("sqlite:", "names no file"),
        ("sqlite::memory:", "would be lost"),
        ("sqlite:hunter2.db?mode=ro", "options"),
    ] {
        let refused = store::open(address, &InstanceName::from("acme"), &seed(1), now()).await.err().unwrap();
        assert!(matches!(refused, StoreError::Address { .. }), "{refused:?}");
        assert!(refused.to_string().contains(why), "{refused}");
        assert!(!refused.to_string().contains("hunter2"), "{refused}");
    }
}

#[tokio::test]
async fn a_path_that_is_of_no_use_is_named() {
    let desk = Desk::new();
    // A folder in which not even root creates a file.
    let closed = Path::new("/sys/register.db").to_owned();
    for (path, reason) in [
        (desk.dir.path().to_owned(), "is not a file"),
        (desk.dir.path().join("missing/register.db"), "its folder does not exist; create it first"),
        (closed, "denied"),
    ] {
        let address = format!("sqlite:{}", path.display());
        match store::open(&address, &InstanceName::from("acme"), &seed(1), now()).await.err() {
            Some(StoreError::File { path: named, why }) => {
                assert_eq!(Path::new(&named), path);
                assert!(why.contains(reason), "{why}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_place_that_cannot_hold_a_register_is_recognised() {
    let mounts = "\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 0:40 / /srv/share rw shared:9 - nfs4 nas:/share rw
41 40 8:2 / /srv/share/local rw - xfs /dev/sdb1 rw
42 22 0:42 / /mnt/my\\040disk rw - fuse.sshfs host:/ rw
43 22 8:3 / /over rw - cifs //nas/x rw
44 43 8:3 / /over rw - ext4 /dev/sdc1 rw
45 22 8:1 /srv/x/register.db /data/register.db rw - ext4 /dev/sda1 rw
";
    for (path, reason) in [
        ("/var/lib/register.db", None),
        ("/srv/share/register.db", Some("network file system (nfs4)")),
        ("/srv/shared/register.db", None),
        ("/srv/share/local/register.db", None),
        ("/mnt/my disk/register.db", Some("network file system (fuse.sshfs)")),
        ("/over/register.db", None),
        ("/data/register.db", Some("mounted by itself; mount the folder")),
        ("/data/register.db.lock", None),
    ] {
        let told = file::misplaced(mounts, Path::new(path));
        match reason {
            None => assert_eq!(told, None, "{path}"),
            Some(reason) => {
                assert!(told.as_ref().is_some_and(|why| why.contains(reason)), "{path}: {told:?}")
            }
        }
    }
    assert_eq!(file::misplaced("", Path::new("/x")), None);
}
