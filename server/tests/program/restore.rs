//! The drill: what a server is, while it runs, into a backup; from there to another place; and the server starts there.

use crate::support::Place;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_goes_on_from_its_backup_in_another_place() {
    let place = Place::new(&[]).await;
    let (token, memorial) = place.token_and_memorial().await;
    let running = place.start().await;
    let stream = running.create(&token, &memorial, "before").await.unwrap();

    let outside = tempfile::tempdir().unwrap();
    let path = |name: &str| outside.path().join(name).display().to_string();
    let (backups, key) = (path("backups"), path("backup.key"));
    let made = place.run(&["backup", "--to", &backups, "--key", &key]);
    assert!(String::from_utf8_lossy(&made.stderr).contains("backup-key"), "there is no key yet: {made:?}");
    assert!(place.run(&["backup-key", &key]).status.success());
    let made = place.run(&["backup", "--to", &backups, "--key", &key]);
    assert!(made.status.success(), "{made:?}");
    let after = running.create(&token, &memorial, "after").await.unwrap();
    assert!(running.stop().success());

    let elsewhere = Place::new(&[]).await;
    std::fs::remove_dir(elsewhere.data_dir()).unwrap();
    let restored = elsewhere.run(&["restore", "--from", &backups, "--key", &key]);
    assert!(restored.status.success(), "{restored:?}");
    let again = elsewhere.run(&["restore", "--from", &backups, "--key", &key]);
    assert!(!again.status.success() && String::from_utf8_lossy(&again.stderr).contains("not empty"), "{again:?}");

    let running = elsewhere.start().await;
    // The token of before opens it, and the stream of before is there; what came after the backup is not.
    assert_eq!(running.create(&token, &memorial, "before").await, Some(stream));
    assert_ne!(running.create(&token, &memorial, "after").await, Some(after));
    let secret = |place: &Place| std::fs::read(place.data_dir().join("secret.key")).unwrap();
    assert_eq!(secret(&place), secret(&elsewhere));
}
