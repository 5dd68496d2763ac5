"""What is in deploy/ fits together and fits the site."""

import configparser
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())


def unit(path: Path) -> configparser.ConfigParser:
    read = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    read.optionxform = str  # type: ignore[assignment,method-assign]  # names of units are written in capitals
    read.read_string(path.read_text())
    return read


@pytest.fixture(scope="module")
def compose() -> Any:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def commands_in(text: str) -> set[str]:
    return set(re.findall(r"manage\.py[\", ]+([a-z_]+)", text))


def test_every_command_that_is_run_exists() -> None:
    files = [*UNITS, DEPLOY / "compose.yaml"]
    run = {command for path in files for command in commands_in(path.read_text())}

    assert {"migrate", "collectstatic", "db_worker", "run_schedule"} <= run
    assert run <= get_commands().keys()


def test_services_need_only_what_there_is(compose: Any) -> None:
    services = compose["services"]
    assert {"postgres", "redis", "web", "worker", "scheduler", "nginx"} <= services.keys()
    for name, service in services.items():
        assert set(service.get("depends_on", ())) <= services.keys(), name
        assert set(service.get("networks", ())) <= compose["networks"].keys(), name
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            is_here = (DEPLOY / source).exists() or source == "./tls"
            assert source in compose["volumes"] or is_here, f"{name}: {volume}"


def test_nothing_secret_and_nobody_mighty_in_containers(compose: Any) -> None:
    written = (DEPLOY / "Dockerfile").read_text() + (DEPLOY / "compose.yaml").read_text()
    for name in ("web", "worker", "scheduler", "prepare"):
        service = compose["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert "ports" not in service, "only nginx is reached from outside"

    assert re.search(r"^USER doorstep$", written, re.MULTILINE)
    assert "SECRET_KEY=" not in written
    assert not re.search(r"postgres://doorstep:(?!\$\{)", written)


def test_the_network_of_the_containers_is_the_trusted_one(compose: Any) -> None:
    [network] = compose["networks"]["inside"]["ipam"]["config"]

    assert compose["services"]["web"]["environment"]["TRUSTED_PROXIES"] == network["subnet"]
    assert compose["services"]["web"]["deploy"]["replicas"] == int(
        compose["services"]["web"]["environment"]["WEB_PROCESSES"]
    )


@pytest.mark.parametrize("path", [path for path in UNITS if path.suffix == ".service"], ids=lambda p: p.name)
def test_units_run_as_a_user_that_may_write_its_data_alone(path: Path) -> None:
    service = unit(path)["Service"]

    assert service["User"] == "doorstep"
    assert service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert "/var/lib/doorstep" in service["ReadWritePaths"].split()
    assert service["CapabilityBoundingSet"] == ""


def test_the_target_wants_units_that_exist() -> None:
    wanted = re.findall(r"doorstep-[\w@.]+", (DEPLOY / "systemd" / "doorstep.target").read_text())
    names = {path.name for path in UNITS}

    assert {re.sub(r"@\d+", "@", name) for name in wanted} <= names
    for timer in (path for path in UNITS if path.suffix == ".timer"):
        assert timer.with_suffix(".service") in UNITS


def test_ports_of_nginx_are_those_of_the_units() -> None:
    target = (DEPLOY / "systemd" / "doorstep.target").read_text()
    servers = (DEPLOY / "web-servers.conf").read_text()
    listed = re.findall(r"^server 127\.0\.0\.1:(\d+)", servers, re.MULTILINE)

    assert listed == re.findall(r"doorstep-web@(\d+)", target)


def test_each_night_backs_up_into_the_one_folder_that_a_restore_reads() -> None:
    """Each in a folder of its own would share nothing, never go, and not be found below the place."""
    written = (DEPLOY / "systemd" / "doorstep-backup.service").read_text()
    commands = re.findall(r"^ExecStart=\S+ manage\.py (.+)$", written, re.MULTILINE)

    assert commands == ["backup /var/backups/doorstep --keep 14", "restore_drill /var/backups/doorstep"]
    assert (
        "/var/backups/doorstep"
        in unit(DEPLOY / "systemd" / "doorstep-backup.service")["Service"]["ReadWritePaths"].split()
    )


def test_every_timer_is_started_with_the_site() -> None:
    target = (DEPLOY / "systemd" / "doorstep.target").read_text()

    assert {path.name for path in UNITS if path.suffix == ".timer"} == set(
        re.findall(r"doorstep-\w+\.timer", target)
    )
