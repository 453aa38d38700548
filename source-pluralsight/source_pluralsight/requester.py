"""The one requester of all streams, of introspection and of probes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import InitVar, dataclass, field
from typing import Any

import requests
from airbyte_cdk.models import FailureType
from airbyte_cdk.sources.declarative.auth.declarative_authenticator import DeclarativeAuthenticator
from airbyte_cdk.sources.declarative.requesters.http_requester import HttpRequester
from airbyte_cdk.sources.declarative.requesters.request_options import InterpolatedRequestOptionsProvider
from airbyte_cdk.sources.declarative.types import Config, StreamSlice, StreamState
from airbyte_cdk.sources.streams.http.exceptions import BaseBackoffException
from airbyte_cdk.utils import AirbyteTracedException

from source_pluralsight import api_warnings
from source_pluralsight.envelope import warning_texts
from source_pluralsight.error_handler import GraphQLErrorHandler, PluralsightError, verdict_on
from source_pluralsight.errors import Retry, Trouble, Verdict
from source_pluralsight.operation import Operation
from source_pluralsight.pagination import PageToken


@dataclass
class ApiKeyAuthenticator(DeclarativeAuthenticator):
    """Sends the key as it is. Through Jinja a key such as `1e5` would come out as another number."""

    config: Config
    parameters: InitVar[Mapping[str, Any]]

    @property
    def auth_header(self) -> str:
        return "Authorization"

    @property
    def token(self) -> str:
        return f"Bearer {self.config['api_key']}"


@dataclass
class GraphQLRequester(HttpRequester):
    """Posts an operation per page, raises what failed for good and logs the API's warnings."""

    operation: Mapping[str, Any] | None = None
    request_headers: Mapping[str, str] | None = None
    _operation: Operation | None = field(default=None, init=False, repr=False)

    def __post_init__(self, parameters: Mapping[str, Any]) -> None:
        self.request_options_provider = InterpolatedRequestOptionsProvider(
            config=self.config, parameters=parameters, request_headers=dict(self.request_headers or {})
        )
        super().__post_init__(parameters)
        self._operation = Operation.from_manifest(self.operation) if self.operation else None

    @property
    def logger(self) -> logging.Logger:
        """A logger without debug messages: at that level the CDK logs headers and bodies, and so personal data."""
        logger = super().logger
        logger.setLevel(logging.INFO)
        return logger

    def get_request_body_json(
        self,
        *,
        stream_state: StreamState | None = None,
        stream_slice: StreamSlice | None = None,
        next_page_token: Mapping[str, Any] | None = None,
    ) -> Mapping[str, Any]:
        if self._operation is None:
            return {}
        token = next_page_token.get("next_page_token") if next_page_token else None
        cursor = token.cursor if isinstance(token, PageToken) else None
        return self._operation.body(self.config["page_size"], cursor, stream_slice or {})

    def send_request(
        self,
        stream_state: StreamState | None = None,
        stream_slice: StreamSlice | None = None,
        next_page_token: Mapping[str, Any] | None = None,
        path: str | None = None,
        request_headers: Mapping[str, Any] | None = None,
        request_params: Mapping[str, Any] | None = None,
        request_body_data: Mapping[str, Any] | str | None = None,
        request_body_json: Mapping[str, Any] | None = None,
        log_formatter: Callable[[requests.Response], Any] | None = None,
    ) -> requests.Response | None:
        if self._operation is not None and self._operation.refused is not None:
            raise _not_offered(self.name, self._operation.refused)
        if isinstance(self.error_handler, GraphQLErrorHandler):
            self.error_handler.start_request()
        try:
            response = super().send_request(
                stream_state,
                stream_slice,
                next_page_token,
                path,
                request_headers,
                request_params,
                request_body_data,
                request_body_json,
                log_formatter,
            )
        except AirbyteTracedException as error:
            if isinstance(error.__context__, BaseBackoffException):
                raise _given_up(error.__context__) from error
            raise
        assert response is not None  # HttpRequester always answers or raises
        if (verdict := verdict_on(response)) is not None:
            raise PluralsightError(verdict)
        for text in warning_texts(response):
            api_warnings.log_once(text)
        return response

    def post(self, body: Mapping[str, Any]) -> requests.Response:
        """Send a request body outside of a stream; raises as a stream would."""
        response = self.send_request(request_body_json=body)
        assert response is not None  # as above
        return response


def _given_up(last: BaseBackoffException) -> PluralsightError:
    """The last trouble in its own words, where the CDK only says that its attempts are used up."""
    return PluralsightError(Verdict(Trouble.SERVICE, Retry.MANY, FailureType.transient_error, str(last)))


def _not_offered(stream: str, reason: str) -> AirbyteTracedException:
    remedy = "Check the API key, or refresh the source schema and deselect the stream."
    message = f"Stream {stream} cannot be read: {reason}. {remedy}"
    return AirbyteTracedException(message=message, internal_message=message, failure_type=FailureType.config_error)
