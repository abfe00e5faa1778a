//! Starting and stopping.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;

use alumx_infrastructure::testing::TestDatabase;
use rustix::process::Signal;

use crate::support::{SECRET, Service, alumx, folder, registration};

#[tokio::test]
async fn it_starts_on_nothing_and_goes_on_where_it_was_stopped() {
    let folder = folder();
    let data = folder.path().join("data");
    let service = Service::start(&data);
    assert!(
        service.announced.contains(data.to_str().unwrap()),
        "{}",
        service.announced
    );
    assert_eq!(service.get("/readyz").await.status(), 200);
    assert_eq!(service.register("ada").await, 201);
    let secret = std::fs::metadata(data.join("token-secret")).unwrap();
    assert_eq!(secret.permissions().mode() & 0o777, 0o600);

    service.signal(Signal::TERM);

    assert!(service.wait(), "a stop that was asked for is a success");
    let again = Service::start(&data);
    assert_eq!(again.login("ada", "first-programmer").await.status(), 200);
    again.signal(Signal::INT);
    assert!(again.wait());
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_kill() {
    let folder = folder();
    for round in 0..3 {
        let service = Service::start(folder.path());
        for earlier in 0..round {
            let login = service
                .login(&format!("user{earlier}"), "first-programmer")
                .await;
            assert_eq!(login.status(), 200);
        }
        assert_eq!(service.register(&format!("user{round}")).await, 201);

        service.signal(Signal::KILL);

        assert!(!service.wait());
    }
}

#[tokio::test]
async fn a_request_in_flight_is_answered_before_it_stops() {
    let folder = folder();
    let service = Service::start(folder.path());
    let address = service.root.strip_prefix("http://").unwrap().to_owned();
    let body = registration("ada").to_string();
    let (first, rest) = body.split_at(10);
    let mut connection = TcpStream::connect(address).unwrap();
    let head = format!(
        "POST /api/v1/auth/register HTTP/1.1\r\nHost: alumx\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        body.len()
    );
    connection.write_all(head.as_bytes()).unwrap();
    // The service asks for the body only when it has begun to handle the request.
    let mut asked = [0; 25];
    connection.read_exact(&mut asked).unwrap();
    assert!(asked.starts_with(b"HTTP/1.1 100"));
    connection.write_all(first.as_bytes()).unwrap();

    service.signal(Signal::TERM);
    connection.write_all(rest.as_bytes()).unwrap();

    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert!(service.wait());
}

#[tokio::test]
async fn two_services_with_folders_of_their_own_run_side_by_side() {
    let (one, two) = (folder(), folder());
    let (one, two) = (Service::start(one.path()), Service::start(two.path()));

    assert_eq!(one.register("ada").await, 201);

    assert_eq!(two.login("ada", "first-programmer").await.status(), 401);
    assert_eq!(two.register("ada").await, 201);
}

#[tokio::test]
async fn several_instances_may_start_at_once_on_an_empty_database() {
    let database = TestDatabase::empty();
    let instance = || {
        let mut command = alumx(&[
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--database-connections=2",
        ]);
        command
            .env("DATABASE_URL", database.url())
            .env("ALUMX_TOKEN_SECRET", SECRET);
        command
    };

    let instances: Vec<Service> = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| Service::spawn(&mut instance())))
            .collect();
        starts
            .into_iter()
            .map(|start| start.join().unwrap())
            .collect()
    });

    assert_eq!(instances[0].register("ada").await, 201);
    for instance in &instances {
        assert_eq!(instance.get("/readyz").await.status(), 200);
        assert_eq!(
            instance.login("ada", "first-programmer").await.status(),
            200
        );
    }
}
