//! What `deploy` and `config` hold is held against the real program: a service file with an argument that does not exist
//! would fail on somebody's machine only.

use std::{fs, path::Path};

use postmortem_sync::model::tree::Tree;
use serde_json::Value;

use crate::{house::root, rig::spawn};

/// What keeps a service from anything that it does not need.
const HARDENING: &[&str] = &[
    "DynamicUser=yes",
    "StateDirectory=postmortem-sync",
    "UMask=0077",
    "ProtectSystem=strict",
    "ProtectHome=yes",
    "PrivateTmp=yes",
    "PrivateDevices=yes",
    "PrivateUsers=yes",
    "ProtectProc=invisible",
    "ProtectClock=yes",
    "ProtectControlGroups=yes",
    "ProtectKernelLogs=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelTunables=yes",
    "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX",
    "RestrictNamespaces=yes",
    "RestrictSUIDSGID=yes",
    "LockPersonality=yes",
    "MemoryDenyWriteExecute=yes",
    "NoNewPrivileges=yes",
    "CapabilityBoundingSet=",
    "SystemCallArchitectures=native",
    "SystemCallFilter=@system-service",
    "KillSignal=SIGTERM",
];

const SERVICES: &[&str] = &["postmortem-sync.service", "postmortem-sync-sync.service"];

fn deployed(name: &str) -> String {
    let path = root().join("deploy").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A manifest of Kubernetes.
fn manifest(name: &str) -> Value {
    let text = deployed(&format!("kubernetes/{name}.yaml"));
    Tree::parse(&text).unwrap_or_else(|complaint| panic!("{name}: {complaint:?}")).value
}

/// Fails unless the real program understands these arguments, down to each word.
#[track_caller]
fn assert_understood<'a>(arguments: impl IntoIterator<Item = &'a str>) {
    let folder = tempfile::tempdir().unwrap();
    let mut arguments: Vec<&str> = arguments.into_iter().collect();
    let verb = arguments[0].to_owned();
    // Arguments are read in order, so one that is wrong is told before the help is shown.
    arguments.push("--help");
    let ran = spawn(folder.path(), &arguments).wait().exits(0);
    assert!(ran.stdout.contains(&format!("Usage: postmortem-sync {verb}")), "{}", ran.stdout);
}

/// Runs `check` in a folder and gives the codes of everything that is wrong.
#[track_caller]
fn wrong_in(folder: &Path, code: i32) -> Vec<String> {
    let ran = spawn(folder, &["check", "--format", "json"]).wait().exits(code);
    let said = ran.json();
    let diagnostics = said["diagnostics"].as_array().unwrap().iter();
    let errors = diagnostics.filter(|diagnostic| diagnostic["severity"] == "error");
    errors.map(|diagnostic| diagnostic["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn arguments_that_do_not_exist_are_not_understood() {
    let folder = tempfile::tempdir().unwrap();
    let ran = spawn(folder.path(), &["run", "--hourly", "--help"]).wait().exits(2);
    assert!(ran.stderr.contains("--hourly"), "{}", ran.stderr);
}

#[test]
fn the_services_have_no_more_than_they_need() {
    for name in SERVICES {
        let text = deployed(name);
        for line in HARDENING {
            assert!(text.lines().any(|written| written == *line), "{name} has no line `{line}`");
        }
        assert!(text.lines().any(|line| line.starts_with("LoadCredential=github-token:")), "{name}");
        assert!(text.lines().any(|line| line.starts_with("TimeoutStopSec=")), "{name}");
        assert!(
            !text.lines().any(|line| line.starts_with("Environment")),
            "{name}: secrets come as credentials"
        );
    }
}

#[test]
fn the_services_start_what_the_program_understands() {
    for (name, verb) in SERVICES.iter().zip(["run", "sync"]) {
        let text = deployed(name);
        let commands: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("ExecStart=")).collect();
        let [command] = commands[..] else { panic!("{name} starts {commands:?}") };
        let (program, arguments) = command.split_once(' ').unwrap();
        assert_eq!(program, "/usr/bin/postmortem-sync");
        assert!(arguments.starts_with(verb), "{name}: {arguments}");
        assert_understood(arguments.split_whitespace());
    }
}

#[test]
fn the_timer_starts_the_service_of_its_name() {
    let timer = deployed("postmortem-sync-sync.timer");
    assert!(timer.lines().any(|line| line == "OnCalendar=*:0/5"), "{timer}");
    assert!(!timer.lines().any(|line| line.starts_with("Unit=")), "a unit of its own name is the default");
    let service = deployed("postmortem-sync-sync.service");
    assert!(service.lines().any(|line| line == "Type=oneshot"));
    assert!(
        service.lines().any(|line| line == "SuccessExitStatus=4 75"),
        "what waits for a person is no failure"
    );
}

#[test]
fn the_image_starts_what_the_program_understands_as_nobody() {
    let text = deployed("Dockerfile");
    let last = text.lines().rfind(|line| line.starts_with("FROM ")).unwrap();
    assert!(last.starts_with("FROM gcr.io/distroless/cc-debian12:nonroot"), "{last}");
    assert!(text.lines().any(|line| line == "USER nonroot:nonroot"));
    let words = |name: &str| -> Vec<String> {
        let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        serde_json::from_str(line).unwrap()
    };
    assert_eq!(words("ENTRYPOINT "), ["/usr/bin/postmortem-sync"]);
    assert_understood(words("CMD ").iter().map(String::as_str));
}

#[test]
fn the_image_is_built_from_what_is_there() {
    let text = deployed("Dockerfile");
    let kept = deployed("Dockerfile.dockerignore");
    let copies =
        text.lines().filter_map(|line| line.strip_prefix("COPY ")).filter(|line| !line.starts_with("--from"));
    let mut n_copied = 0;
    for copy in copies {
        let names: Vec<&str> = copy.split_whitespace().collect();
        for name in &names[..names.len() - 1] {
            assert!(root().join(name).exists(), "{name} is copied and is not there");
            assert!(
                kept.lines().any(|line| line == format!("!{name}")),
                "{name} is copied and not sent to the builder"
            );
            n_copied += 1;
        }
    }
    assert!(n_copied >= 5, "only {n_copied} names are copied");
}

#[test]
fn every_manifest_is_what_its_name_says_and_names_no_namespace() {
    let mut names = Vec::new();
    for entry in fs::read_dir(root().join("deploy/kubernetes")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let name = name.strip_suffix(".yaml").unwrap_or_else(|| panic!("{name} is no manifest")).to_owned();
        let kind = match name.as_str() {
            "register" => "PersistentVolumeClaim",
            "kustomization" => "Kustomization",
            other => other,
        };
        let manifest = manifest(&name);
        let written = manifest["kind"].as_str().unwrap();
        assert!(written.eq_ignore_ascii_case(kind), "{name} is a {written}");
        assert!(manifest["metadata"].get("namespace").is_none(), "{name}");
        names.push(name);
    }
    for resource in manifest("kustomization")["resources"].as_array().unwrap() {
        let resource = resource.as_str().unwrap().strip_suffix(".yaml").unwrap();
        assert!(names.iter().any(|name| name == resource), "{resource} is listed and not there");
    }
}

/// The Pod of a workload.
fn pod(name: &str) -> Value {
    let manifest = manifest(name);
    let pod = ["/spec/template/spec", "/spec/jobTemplate/spec/template/spec"];
    pod.iter().find_map(|pointer| manifest.pointer(pointer)).unwrap().clone()
}

/// Its containers, those that prepare or accompany included.
fn containers(pod: &Value) -> Vec<&Value> {
    let lists = ["initContainers", "containers"].iter().filter_map(|list| pod[*list].as_array());
    lists.flatten().collect()
}

#[test]
fn one_worker_runs_at_a_time() {
    let deployment = manifest("deployment");
    assert_eq!(deployment["spec"]["replicas"], 1);
    assert_eq!(deployment["spec"]["strategy"]["type"], "Recreate");
    assert_eq!(manifest("cronjob")["spec"]["concurrencyPolicy"], "Forbid");
    let resources = manifest("kustomization")["resources"].to_string();
    assert!(resources.contains("deployment") != resources.contains("cronjob"), "{resources}");
}

#[test]
fn the_pods_have_no_more_than_they_need() {
    for name in ["deployment", "cronjob"] {
        let pod = pod(name);
        assert_eq!(pod["automountServiceAccountToken"], false, "{name}");
        assert_eq!(pod["securityContext"]["runAsNonRoot"], true, "{name}");
        assert_eq!(pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault", "{name}");
        let volumes: Vec<&Value> =
            pod["volumes"].as_array().unwrap().iter().map(|volume| &volume["name"]).collect();
        for container in containers(&pod) {
            let (what, context) = (&container["name"], &container["securityContext"]);
            assert_eq!(context["allowPrivilegeEscalation"], false, "{name} {what}");
            assert_eq!(context["readOnlyRootFilesystem"], true, "{name} {what}");
            assert_eq!(context["capabilities"]["drop"], serde_json::json!(["ALL"]), "{name} {what}");
            assert!(container["resources"]["limits"]["memory"].is_string(), "{name} {what}");
            for mount in container["volumeMounts"].as_array().unwrap() {
                assert!(volumes.contains(&&mount["name"]), "{name} {what} mounts {mount}");
            }
        }
    }
}

#[test]
fn the_pods_start_what_the_program_understands() {
    for (name, verb) in [("deployment", "run"), ("cronjob", "sync")] {
        let pod = pod(name);
        let ours =
            containers(&pod).into_iter().find(|container| container["name"] == "postmortem-sync").unwrap();
        let arguments = ours["args"].as_array().unwrap().iter().map(|word| word.as_str().unwrap());
        assert_eq!(ours["args"][0], verb);
        assert_understood(arguments);
    }
}

#[test]
fn the_probes_ask_for_pages_that_are_passed_on() {
    let pod = pod("deployment");
    let passed = manifest("configmap")["data"]["health.conf"].as_str().unwrap().to_owned();
    let ours = containers(&pod).into_iter().find(|container| container["name"] == "postmortem-sync").unwrap();
    for (probe, path) in [("livenessProbe", "/healthz"), ("readinessProbe", "/readyz")] {
        let asked = &ours[probe]["httpGet"];
        assert_eq!(asked["path"], path);
        assert!(passed.contains(&format!("listen {};", asked["port"])), "{passed}");
        assert!(
            passed.contains(&format!("location = {path} {{ proxy_pass http://127.0.0.1:8321; }}")),
            "{passed}"
        );
    }
}

#[test]
fn the_secret_is_a_template_without_values() {
    let secret = manifest("secret");
    let values = secret["stringData"].as_object().unwrap();
    assert!(values.values().all(|value| value == ""), "{values:?}");
    let configuration = manifest("configmap")["data"]["postmortem-sync.yaml"].as_str().unwrap().to_owned();
    for name in values.keys().filter(|name| *name != "documents-token") {
        assert!(
            configuration.contains(&format!("/run/secrets/postmortem-sync/{name}")),
            "{name} is used by nobody"
        );
    }
    assert!(
        !manifest("kustomization")["resources"].to_string().contains("secret"),
        "it would empty the real one"
    );
}

#[test]
fn the_configuration_of_the_pods_is_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let data = manifest("configmap")["data"].clone();
    let (main, people) =
        (data["postmortem-sync.yaml"].as_str().unwrap(), data["people.yaml"].as_str().unwrap());
    // The folder that git-sync fills, which nobody has outside of a Pod.
    assert!(main.contains("root: /srv/documents/current,"), "{main}");
    let main = main.replace("root: /srv/documents/current,", "root: documents,");
    fs::write(folder.path().join("postmortem-sync.yaml"), main).unwrap();
    fs::write(folder.path().join("people.yaml"), people).unwrap();
    fs::create_dir(folder.path().join("documents")).unwrap();
    assert_eq!(wrong_in(folder.path(), 2), ["source_unreadable"], "only the documents are not there");
    add_documents(&folder.path().join("documents/postmortems"));
    assert_eq!(wrong_in(folder.path(), 0), Vec::<String>::new());
}

#[test]
fn the_example_configuration_is_accepted_without_its_secrets() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("calendars")).unwrap();
    for name in ["postmortem-sync.yaml", "people.yaml", "calendars/uk.yaml"] {
        fs::copy(root().join("config").join(name), folder.path().join(name)).unwrap();
    }
    assert_eq!(wrong_in(folder.path(), 2), ["source_unreadable"], "only the documents are not there");
    add_documents(&folder.path().join("postmortems"));
    assert_eq!(wrong_in(folder.path(), 0), Vec::<String>::new());
}

/// The write-ups of the demo.
fn add_documents(folder: &Path) {
    fs::create_dir(folder).unwrap();
    for entry in fs::read_dir(root().join("config/demo/postmortems")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
    }
}
