"""Builds everything the application is made of. Knows no Flask."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from dashboard.calls.automation_rules import Guard, rules_from
from dashboard.live.feed import EVENTS_ROOM, Emit, Feed, Serialize, VolatileUpdate, call_room
from dashboard.live.interims import OpenInterims
from dashboard.live.latency import Latency
from dashboard.media.meter import StreamMeasured
from dashboard.media.receiver import Receiver
from dashboard.media.registry import OpenStreams
from dashboard.media.stream_endpoint import OwnStream
from dashboard.media.tokens import Tokens
from dashboard.metrics import Metrics, WebhookStats
from dashboard.services.automation import Steward
from dashboard.services.background import PeriodicTasks
from dashboard.services.command_defaults import command_defaults
from dashboard.services.command_timeouts import expire_overdue_commands
from dashboard.services.commands import Controls
from dashboard.services.diagnostics import ASK_TIMEOUT_S, Doctor
from dashboard.services.ingest import Hearing
from dashboard.services.keyword_cache import Watching
from dashboard.services.reconciliation import Finder
from dashboard.services.retention import Retention
from dashboard.services.service_metrics import ServiceMetrics
from dashboard.services.webhook_history import WebhookHistory
from dashboard.services.webhook_log import Inspection, Inspector
from dashboard.services.webhook_receiver import Reception
from dashboard.settings import Settings
from dashboard.store import Store
from dashboard.store.database import Database
from dashboard.telnyx.api.client import TelnyxClient
from dashboard.telnyx.webhooks.signature import Verifier

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """How work runs under the chosen server."""

    # Starts a background task: `spawn(function, *args)`.
    spawn: Callable[..., Any]
    sleep: Callable[[float], Any]
    # Runs a blocking call where it does not stall the event loop: `run_blocking(function, *args)`.
    run_blocking: Callable[..., Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sockets:
    """What services and metrics may ask of the live sockets of this process."""

    emit: Emit
    # How many sockets are in a room, or connected at all.
    count_watchers: Callable[[str | None], int]
    is_watched: Callable[[str], bool]
    # How many frames the slowest socket is behind.
    longest_queue: Callable[[], int]
    disconnect_slow_clients: Callable[[], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewConfig:
    """Settings that views show, as plain values."""

    demo: bool
    public_url: str | None
    command_defaults: Mapping[str, Mapping[str, Any]]
    cost_per_minute: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything the application is made of. Views reach it through `web.context.services()`."""

    config: ViewConfig
    runtime: Runtime
    sockets: Sockets
    store: Store
    feed: Feed
    interims: OpenInterims
    latency: Latency
    metrics: Metrics
    webhook_stats: WebhookStats
    keywords: Watching
    ingest: Hearing
    webhook_log: Inspector
    webhook_history: WebhookHistory
    webhook_receiver: Reception
    stream_endpoint: OwnStream
    media: Receiver
    commands: Controls
    automation: Steward
    # None without an API key.
    reconciler: Finder | None
    diagnostics: Doctor
    # Whether the broker answers; true where there is none.
    is_broker_reachable: Callable[[], bool]
    tasks: PeriodicTasks
    stop_on_shutdown: bool

    def close(self) -> None:
        """Stop the background tasks, finish what was accepted, then send the last frame."""
        try:
            if self.stop_on_shutdown:
                self.automation.stop_all()
        except Exception as error:
            log.error("running commands not stopped: error=%s", type(error).__name__)
        self.tasks.stop()
        self.store.close()
        self.feed.close()


def build_services(
    settings: Settings,
    runtime: Runtime,
    sockets: Sockets,
    *,
    serialize: Serialize,
    client: TelnyxClient | None = None,
) -> Services:
    """Build and connect all services; no background task runs yet. `client` replaces the one made from settings."""
    metrics, latency = Metrics(), Latency()
    stats = WebhookStats(metrics.registry)
    client = client or _telnyx_client(settings, observe=metrics.observe_command)
    store = Store(
        Database(settings.database_url, run_blocking=runtime.run_blocking),
        spawn=runtime.spawn,
        observe_commit=metrics.observe_commit,
    )
    interims = OpenInterims(store.lane_positions)
    feed = Feed(
        emit=sockets.emit,
        serialize=serialize,
        is_watched=sockets.is_watched,
        spawn=runtime.spawn,
        sleep=runtime.sleep,
        timing=latency.send,
    )
    keywords = Watching(store.all_keywords)
    ingest = Hearing(store=store, interims=interims, feed=feed, latency=latency, marks=keywords.marks)
    webhook_log = Inspector(lambda entries: feed.publish([_webhook_update(entry) for entry in entries]))
    connection_id = settings.telnyx_connection_id
    tokens, streams = Tokens(settings.secret_key or ""), OpenStreams()
    endpoint = OwnStream(_stream_address(settings), tokens)
    commands = Controls(store=store, client=client, own_stream=endpoint, connection_id=connection_id)
    defaults = command_defaults(settings.command_defaults or {}, demo=settings.demo)
    automation = _automation(settings, runtime, store, commands, defaults)
    # In this order: an interim is closed before its final is announced.
    store.subscribe(interims.follow, latency.follow, feed.publish, automation.follow)
    is_broker_reachable = _broker_check(settings.redis_url)
    services = Services(
        config=ViewConfig(
            demo=settings.demo,
            public_url=settings.public_url,
            command_defaults=defaults,
            cost_per_minute=settings.transcription_cost_per_minute,
        ),
        runtime=runtime,
        sockets=sockets,
        store=store,
        feed=feed,
        interims=interims,
        latency=latency,
        metrics=metrics,
        webhook_stats=stats,
        keywords=keywords,
        ingest=ingest,
        webhook_log=webhook_log,
        webhook_history=WebhookHistory(store=store, webhook_log=webhook_log, ingest=ingest),
        webhook_receiver=Reception(
            verifier=Verifier.from_text(settings.telnyx_public_key or ""),
            hearing=ingest,
            verdicts=stats,
            inspector=webhook_log,
        ),
        stream_endpoint=endpoint,
        media=Receiver(
            tokens=tokens,
            is_known=lambda call_id: store.lane_positions(call_id) is not None,
            publish=lambda levels: feed.publish([_level_update(level) for level in levels]),
            streams=streams,
        ),
        commands=commands,
        automation=automation,
        reconciler=None if client is None else Finder(store=store, client=client, connection_id=connection_id),
        diagnostics=_diagnostics(settings, runtime, store, stats, is_broker_reachable),
        is_broker_reachable=is_broker_reachable,
        tasks=PeriodicTasks(runtime.spawn),
        stop_on_shutdown=settings.stop_on_shutdown,
    )
    metrics.add_collector(
        ServiceMetrics(
            store=store,
            feed=feed,
            ingest=ingest,
            latency=latency,
            count_watchers=lambda: sockets.count_watchers(None),
            longest_queue=sockets.longest_queue,
        )
    )
    return services


def start_background_tasks(services: Services, settings: Settings) -> None:
    """Start every periodic task; `services.close()` stops them."""
    store, tasks = services.store, services.tasks
    retention = Retention(
        store, kept=settings.events_kept, kept_for=timedelta(days=settings.events_kept_days), sleep=tasks.sleep
    )
    tasks.every(1.0, services.sockets.disconnect_slow_clients, name="slow_clients")
    tasks.every(1.0, lambda: expire_overdue_commands(store), name="command_timeouts")
    tasks.every(5.0, services.automation.run, name="automation")
    tasks.every(60.0, retention.run, name="retention")
    tasks.every(2.0, services.keywords.refresh, name="keywords", at_start=True)
    if services.reconciler is not None:
        tasks.every(30.0, services.reconciler.run, name="reconciliation", at_start=True)


def _automation(
    settings: Settings,
    runtime: Runtime,
    store: Store,
    commands: Controls,
    defaults: Mapping[str, Mapping[str, Any]],
) -> Steward:
    return Steward(
        store=store,
        controls=commands,
        rules=rules_from(settings.auto_start or ""),
        guard=Guard(most=_minutes(settings.stop_after_minutes), silence=_minutes(settings.stop_after_silent_minutes)),
        parameters=lambda name: defaults.get(name, {}),
        spawn=runtime.spawn,
    )


def _diagnostics(
    settings: Settings, runtime: Runtime, store: Store, stats: WebhookStats, is_broker_reachable: Callable[[], bool]
) -> Doctor:
    return Doctor(
        store=store,
        # A client of its own with short time-outs, because a person waits for the answer.
        client=_telnyx_client(settings, timeout=ASK_TIMEOUT_S),
        connection_id=settings.telnyx_connection_id,
        public_keys=settings.telnyx_public_key or "",
        public_url=settings.public_url,
        ping=None if settings.redis_url is None else is_broker_reachable,
        verdicts=stats,
        demo=settings.demo,
        spawn=runtime.spawn,
    )


def _telnyx_client(settings: Settings, **options: Any) -> TelnyxClient | None:
    if settings.telnyx_api_key is None:
        return None
    return TelnyxClient(api_key=settings.telnyx_api_key, base_url=settings.telnyx_base_url, **options)


def _stream_address(settings: Settings) -> str | None:
    """The simulator of a demo reaches this server on this machine, whatever its public address is."""
    return f"http://127.0.0.1:{settings.port}" if settings.demo else settings.public_url


def _webhook_update(entry: Inspection) -> VolatileUpdate:
    return VolatileUpdate(EVENTS_ROOM, entry.id, entry)


def _level_update(level: StreamMeasured) -> VolatileUpdate:
    return VolatileUpdate(call_room(level.call_id), ("level", level.stream_id), level)


def _minutes(number: float | None) -> timedelta | None:
    return None if number is None else timedelta(minutes=number)


def _broker_check(redis_url: str | None) -> Callable[[], bool]:
    if redis_url is None:
        return lambda: True
    from redis import Redis

    broker = Redis.from_url(redis_url, socket_timeout=1, socket_connect_timeout=1)
    return lambda: bool(broker.ping())
