"""The pretend LMS servers that `lms-sandbox` can start; a further one is a further entry of `VENDORS`."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lms_shared.dev.sandbox.lms import PretendLms


@dataclass(frozen=True, slots=True)
class Option:
    """A command-line option of one vendor; `default` gives its type too."""

    name: str
    default: int | str
    help: str


@dataclass(frozen=True, slots=True)
class Vendor:
    """How one pretend LMS is started.

    `build` takes the parsed options and imports the LMS itself, so that only what is started is loaded. `config`
    gives what a connector's config needs to connect, from the server's URL.
    """

    name: str
    port: int
    options: tuple[Option, ...]
    build: Callable[[Namespace], PretendLms]
    config: Callable[[Namespace, str], Mapping[str, str]]
    destination_keys: frozenset[str] = frozenset()
    """Keys of that config which a source does not have."""
    more_streams: Callable[[str], Mapping[str, str]] = lambda url: {}
    """Keys of a source's config that are optional and let it read more streams, from the server's URL."""

    def source_config(self, arguments: Namespace, url: str) -> Mapping[str, str]:
        """What a source's config needs to connect."""
        return {key: value for key, value in self.config(arguments, url).items() if key not in self.destination_keys}


def _pluralsight(arguments: Namespace) -> PretendLms:
    from lms_shared.dev.sandbox.pluralsight import DEFAULT_KEYS, ApiKey, PluralsightOptions, PluralsightSandbox  # noqa: PLC0415

    return PluralsightSandbox(
        seed=arguments.seed,
        users=arguments.users,
        courses=arguments.courses,
        progress=arguments.progress,
        options=PluralsightOptions(keys=(ApiKey(arguments.pluralsight_api_key), *DEFAULT_KEYS)),
    )


def _skilljar(arguments: Namespace) -> PretendLms:
    from lms_shared.dev.sandbox.skilljar import SkilljarOptions, SkilljarSandbox  # noqa: PLC0415

    options = SkilljarOptions(keys=SkilljarOptions().keys | {arguments.skilljar_api_key})
    if not arguments.skilljar_users and not arguments.skilljar_courses:
        return SkilljarSandbox.empty(options, arguments.seed)
    return SkilljarSandbox(arguments.seed, arguments.skilljar_users, arguments.skilljar_courses, options)


def _pluvo(arguments: Namespace) -> PretendLms:
    from lms_shared.dev.sandbox.pluvo import (  # noqa: PLC0415
        DEFAULT_CLIENTS,
        ApiClient,
        MutationTrouble,
        PluvoOptions,
        PluvoSandbox,
    )

    client = ApiClient(arguments.pluvo_client_id, arguments.pluvo_client_secret)
    trouble = MutationTrouble(arguments.pluvo_failing_text) if arguments.pluvo_failing_text else None
    options = PluvoOptions(
        clients=(*DEFAULT_CLIENTS, client), token_life_seconds=arguments.pluvo_token_life, mutation_trouble=trouble
    )
    return PluvoSandbox(
        arguments.seed,
        arguments.pluvo_users,
        arguments.pluvo_trainings,
        arguments.pluvo_portfolio_items,
        options,
    )


VENDORS = (
    Vendor(
        "pluralsight",
        8601,
        (
            Option("pluralsight-api-key", "demo-pluralsight-key", "one more key that is accepted"),
            Option("users", 60, "Pluralsight users"),
            Option("courses", 40, "Pluralsight courses"),
            Option("progress", 300, "Pluralsight rows of course progress"),
        ),
        _pluralsight,
        lambda arguments, url: {
            "endpoint": f"{url}/graphql",
            "api_key": arguments.pluralsight_api_key,
            "partner_name": "Sandbox",
        },
    ),
    Vendor(
        "skilljar",
        8602,
        (
            Option("skilljar-api-key", "sk-live-demo", "one more key that is accepted"),
            Option("skilljar-users", 12, "Skilljar users there are from the start"),
            Option("skilljar-courses", 6, "Skilljar courses there are from the start"),
        ),
        _skilljar,
        lambda arguments, url: {
            "base_url": f"{url}/v1",
            "api_key": arguments.skilljar_api_key,
            "domain_name": "academy.example.com",
        },
        frozenset({"domain_name"}),
        lambda url: {
            "v2_base_url": f"{url}/v2",
            "v2_client_id": "demo-v2-client",
            "v2_client_secret": "demo-v2-secret",
        },
    ),
    Vendor(
        "pluvo",
        8603,
        (
            Option("pluvo-client-id", "demo-pluvo-client", "one more client that is known"),
            Option("pluvo-client-secret", "demo-pluvo-secret", "the secret of that client"),
            Option("pluvo-token-life", 86_400, "seconds that a Pluvo token is good for"),
            Option("pluvo-failing-text", "", "mutations whose arguments hold this text fail; empty: none"),
            Option("pluvo-users", 0, "Pluvo users there are from the start"),
            Option("pluvo-trainings", 0, "Pluvo trainings there are from the start"),
            Option("pluvo-portfolio-items", 0, "Pluvo portfolio items there are from the start, if there are users"),
        ),
        _pluvo,
        lambda arguments, url: {
            "organization": "sandbox",
            "base_url": url,
            "client_id": arguments.pluvo_client_id,
            "client_secret": arguments.pluvo_client_secret,
        },
    ),
)
