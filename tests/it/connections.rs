//! The health port: half a request and idle connections cost a few seconds, and hold up neither cycles nor the end.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{
    rig::{Rig, Running, until},
    trouble::{self, GITHUB, report},
};

/// A worker with health pages, and their authority. Its schedule comes round every second.
fn worker(rig: &Rig) -> (Running, String) {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    rig.edit("postmortem-sync.yaml", "listen: null", &format!("listen: \"{address}\""));
    rig.edit("postmortem-sync.yaml", "{ timezone: UTC }", "{ sync: \"* * * * * *\", timezone: UTC }");
    let worker = rig.spawn(&["run"]);
    until("it listens", || TcpStream::connect(&address).ok());
    (worker, address)
}

/// Whether the other side has closed a connection.
fn is_closed(mut stream: &TcpStream) -> bool {
    stream.set_nonblocking(true).unwrap();
    match stream.read(&mut [0; 1]) {
        Ok(n) => n == 0,
        Err(error) => error.kind() != std::io::ErrorKind::WouldBlock,
    }
}

#[test]
fn half_a_request_does_not_keep_the_worker_from_ending() {
    let rig = trouble::stage();
    let (worker, address) = worker(&rig);
    let mut half = TcpStream::connect(&address).unwrap();
    half.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n").unwrap();
    let silent = TcpStream::connect(&address).unwrap();
    // Whoever asks after them is answered: both were accepted by then.
    until("a page is served", || rig.get(&format!("http://{address}/healthz")));
    let begun = Instant::now();
    worker.terminate();
    worker.wait().exits(0);
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
    drop((half, silent));
}

#[test]
fn half_a_request_is_cut_off_after_a_while() {
    let rig = trouble::stage();
    let (_worker, address) = worker(&rig);
    let mut half = TcpStream::connect(&address).unwrap();
    half.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n").unwrap();
    until("it is closed", || is_closed(&half).then_some(()));
}

#[test]
fn idle_connections_are_few_and_stop_no_cycle() {
    let rig = trouble::stage();
    let (_worker, address) = worker(&rig);
    let idle: Vec<TcpStream> = (0..200).map(|_| TcpStream::connect(&address).unwrap()).collect();
    until("those that are too many are closed", || {
        (idle.iter().filter(|stream| is_closed(stream)).count() >= 200 - 64).then_some(())
    });
    report(&rig, GITHUB, 1, 1);
    until("a cycle has run", || (rig.issues().len() == 1).then_some(()));
    // The others are cut off as well, and whoever asks is answered again.
    let page: (u16, Value) = until("a page is served", || rig.get(&format!("http://{address}/healthz")));
    assert_eq!(page.0, 200);
}
