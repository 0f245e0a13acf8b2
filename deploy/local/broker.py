"""One Apache Kafka broker (KRaft, broker and controller in one process) for one machine."""

from __future__ import annotations

import base64
import subprocess
import time
import uuid
from pathlib import Path

from deploy.local import needs
from deploy.local.setup import KAFKA_CLASSES, KAFKA_LIBS
from deploy.local.texts import words

# C1 only and the serial collector: on two cores the second compiler takes more from the workers than it gives the
# broker. Measured at rest: 150 MB (PSS) and 3.3 CPU seconds to start, against 177 MB and 5.0 with it.
JVM_OPTIONS = ("-Xms64m", "-Xmx320m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true")

CLASSES = ("-cp", f"{KAFKA_LIBS}/*")

SERVER_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
log.dirs={data}
# topics.py creates every topic
auto.create.topics.enable=false
# workers that come together need not wait for each other
group.initial.rebalance.delay.ms=0
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=2
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
# after kill -9 the broker is not let in again before its former session has ended: shorter than the default 9 s
broker.session.timeout.ms=4000
broker.heartbeat.interval.ms=1000
# one machine, small memory
log.cleaner.dedupe.buffer.size=4194304
num.network.threads=2
num.io.threads=4
background.threads=2
"""

LOG4J2_PROPERTIES = """\
status=WARN
rootLogger.level=WARN
rootLogger.appenderRef.out.ref=OUT
appender.out.type=Console
appender.out.name=OUT
appender.out.target=SYSTEM_OUT
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d{ISO8601} %p %c{1} %m%n
"""


def new_cluster_id() -> str:
    """22 characters of URL-safe base64; never one that the storage tool would take for an option (1 in 64 would be)."""
    while (cluster := base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")).startswith("-"):
        pass
    return cluster


class BrokerFailed(Exception):
    """The message is a sentence for people."""


def java_command(archive: Path | None) -> list[str]:
    """Java, with the classes of that archive (class_archive.py); one that cannot use it goes on without, and says nothing."""
    java = needs.find_java()
    if java is None:
        raise BrokerFailed(words("no_java"))
    if archive is None or not archive.exists():
        return [java]
    return [java, f"-XX:SharedArchiveFile={archive}", "-Xshare:auto", "-Xlog:cds=off", "-Xlog:cds+dynamic=off"]


def prepare(state_dir: Path, port: int, controller_port: int, archive: Path | None = KAFKA_CLASSES) -> list[str]:
    """Write the configuration under `state_dir/broker`, format the storage when it is new, and return the command
    that starts the broker. The same data is used again when it is there, whatever the ports are now."""
    java = java_command(archive)
    folder = state_dir.resolve() / "broker"
    data = folder / "data"
    folder.mkdir(parents=True, exist_ok=True)
    properties, logging = folder / "server.properties", folder / "log4j2.properties"
    properties.write_text(
        SERVER_PROPERTIES.format(port=port, controller_port=controller_port, data=data), encoding="utf-8"
    )
    logging.write_text(LOG4J2_PROPERTIES, encoding="utf-8")
    log_option = f"-Dlog4j2.configurationFile={logging}"
    if not (data / "meta.properties").exists():
        cluster = new_cluster_id()
        small = ("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", log_option)
        command = [*java, *small, *CLASSES, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(properties)]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise BrokerFailed(words("no_storage", why=(done.stderr or done.stdout).strip()[-500:]))
    return [*java, *JVM_OPTIONS, log_option, *CLASSES, "kafka.Kafka", str(properties)]


def is_ready(port: int) -> bool:
    """True when the broker answers and takes part in its cluster (not fenced)."""
    from kafka.admin import KafkaAdminClient
    from kafka.errors import KafkaError

    try:
        admin = KafkaAdminClient(
            bootstrap_servers=f"127.0.0.1:{port}", client_id="dolbom-ready", request_timeout_ms=2_000
        )
    except (KafkaError, OSError):
        return False
    try:
        brokers = admin.describe_cluster().get("brokers") or []
        return any(not broker.get("is_fenced") for broker in brokers)
    except (KafkaError, OSError):
        return False
    finally:
        admin.close()


def wait_ready(port: int, timeout_s: float = 60.0) -> None:
    """Raises BrokerFailed when the broker does not answer in time."""
    import socket

    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)  # the admin client waits longer between its tries than we want to
            continue
        if is_ready(port):
            return
        time.sleep(0.1)
    raise BrokerFailed(words("no_broker", port=port, s=timeout_s))
