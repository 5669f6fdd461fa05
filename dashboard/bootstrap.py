"""Builds and connects the services of the application."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from dashboard.calls.automation_rules import Limits, parse_rules
from dashboard.live.feed import EVENTS_ROOM, ChangeFeed, Emit, Serialize, VolatileUpdate, call_room
from dashboard.live.interims import InterimTracker
from dashboard.live.latency import LatencyTracker
from dashboard.media.meter import StreamLevels
from dashboard.media.receiver import MediaReceiver
from dashboard.media.registry import StreamRegistry
from dashboard.media.stream_endpoint import StreamEndpoint
from dashboard.media.tokens import StreamTokens
from dashboard.metrics import Metrics, WebhookStats
from dashboard.services.automation import Automation
from dashboard.services.background import PeriodicTasks
from dashboard.services.command_defaults import command_defaults
from dashboard.services.command_timeouts import expire_overdue_commands
from dashboard.services.commands import CommandService
from dashboard.services.diagnostics import CLIENT_TIMEOUT_S, Diagnostics
from dashboard.services.ingest import EventIngest
from dashboard.services.keyword_cache import KeywordCache
from dashboard.services.reconciliation import CallReconciler
from dashboard.services.retention import Retention
from dashboard.services.service_metrics import ServiceMetrics
from dashboard.services.webhook_history import WebhookHistory
from dashboard.services.webhook_log import WebhookLog, WebhookLogEntry
from dashboard.services.webhook_receiver import WebhookReceiver
from dashboard.settings import Settings
from dashboard.store import Store
from dashboard.store.database import Database
from dashboard.telnyx.api.client import TelnyxClient
from dashboard.telnyx.webhooks.signature import Verifier

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """How the chosen server runs tasks and blocking calls."""

    # Starts a background task: `spawn(function, *args)`.
    spawn: Callable[..., Any]
    sleep: Callable[[float], Any]
    # Runs a blocking call without stalling the event loop: `run_blocking(function, *args)`.
    run_blocking: Callable[..., Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sockets:
    """The live sockets of this process, for services and metrics."""

    emit: Emit
    # How many sockets are in a room, or connected at all.
    count_watchers: Callable[[str | None], int]
    is_watched: Callable[[str], bool]
    # How many frames the slowest socket is behind.
    longest_queue: Callable[[], int]
    disconnect_slow_clients: Callable[[], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewConfig:
    """The settings that views display, as plain values."""

    demo: bool
    public_url: str | None
    command_defaults: Mapping[str, Mapping[str, Any]]
    cost_per_minute: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """All services of the application. Views get them from `web.context.services()`."""

    config: ViewConfig
    runtime: Runtime
    sockets: Sockets
    store: Store
    feed: ChangeFeed
    interims: InterimTracker
    latency: LatencyTracker
    metrics: Metrics
    webhook_stats: WebhookStats
    keywords: KeywordCache
    ingest: EventIngest
    webhook_log: WebhookLog
    webhook_history: WebhookHistory
    webhook_receiver: WebhookReceiver
    stream_endpoint: StreamEndpoint
    media: MediaReceiver
    commands: CommandService
    automation: Automation
    # None without an API key.
    reconciler: CallReconciler | None
    diagnostics: Diagnostics
    # Whether the broker answers; true where there is none.
    is_broker_reachable: Callable[[], bool]
    tasks: PeriodicTasks
    stop_on_shutdown: bool

    def close(self) -> None:
        """Stop the tasks, finish accepted writes, send the last frame."""
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
    metrics, latency = Metrics(), LatencyTracker()
    stats = WebhookStats(metrics.registry)
    client = client or _telnyx_client(settings, observe_command=metrics.observe_command)
    store = Store(
        Database(settings.database_url, run_blocking=runtime.run_blocking),
        spawn=runtime.spawn,
        observe_commit=metrics.observe_commit,
    )
    interims = InterimTracker(store.lane_positions)
    feed = ChangeFeed(
        emit=sockets.emit,
        serialize=serialize,
        is_watched=sockets.is_watched,
        spawn=runtime.spawn,
        sleep=runtime.sleep,
        timing_of=latency.mark_sent,
    )
    keywords = KeywordCache(store.all_keywords)
    ingest = EventIngest(store=store, interims=interims, feed=feed, latency=latency, find_marks=keywords.find_marks)
    webhook_log = WebhookLog(lambda entries: feed.publish([_webhook_update(entry) for entry in entries]))
    connection_id = settings.telnyx_connection_id
    tokens, streams = StreamTokens(settings.secret_key or ""), StreamRegistry()
    endpoint = StreamEndpoint(_stream_address(settings), tokens)
    commands = CommandService(store=store, client=client, stream_endpoint=endpoint, connection_id=connection_id)
    defaults = command_defaults(settings.command_defaults or {}, demo=settings.demo)
    automation = _automation(settings, runtime, store, commands, defaults)
    # In this order: an interim is closed before its final is announced.
    store.subscribe(interims.apply_changes, latency.mark_stored, feed.publish, automation.on_changes)
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
        webhook_receiver=WebhookReceiver(
            verifier=Verifier.from_text(settings.telnyx_public_key or ""),
            ingest=ingest,
            stats=stats,
            webhook_log=webhook_log,
        ),
        stream_endpoint=endpoint,
        media=MediaReceiver(
            tokens=tokens,
            is_known=lambda call_id: store.lane_positions(call_id) is not None,
            publish=lambda levels: feed.publish([_level_update(level) for level in levels]),
            streams=streams,
        ),
        commands=commands,
        automation=automation,
        reconciler=None if client is None else CallReconciler(store=store, client=client, connection_id=connection_id),
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
    tasks.every(5.0, services.automation.run_round, name="automation")
    tasks.every(60.0, retention.prune, name="retention")
    tasks.every(2.0, services.keywords.refresh, name="keywords", at_start=True)
    if services.reconciler is not None:
        tasks.every(30.0, services.reconciler.run_round, name="reconciliation", at_start=True)


def _automation(
    settings: Settings,
    runtime: Runtime,
    store: Store,
    commands: CommandService,
    defaults: Mapping[str, Mapping[str, Any]],
) -> Automation:
    return Automation(
        store=store,
        commands=commands,
        rules=parse_rules(settings.auto_start or ""),
        limits=Limits(
            max_duration=_minutes(settings.stop_after_minutes), max_silence=_minutes(settings.stop_after_silent_minutes)
        ),
        parameters_for=lambda name: defaults.get(name, {}),
        spawn=runtime.spawn,
    )


def _diagnostics(
    settings: Settings, runtime: Runtime, store: Store, stats: WebhookStats, is_broker_reachable: Callable[[], bool]
) -> Diagnostics:
    return Diagnostics(
        store=store,
        # A client of its own with short time-outs, because a person waits for the answer.
        client=_telnyx_client(settings, timeout=CLIENT_TIMEOUT_S),
        connection_id=settings.telnyx_connection_id,
        public_keys=settings.telnyx_public_key or "",
        public_url=settings.public_url,
        is_broker_reachable=None if settings.redis_url is None else is_broker_reachable,
        webhook_stats=stats,
        demo=settings.demo,
        spawn=runtime.spawn,
    )


def _telnyx_client(settings: Settings, **options: Any) -> TelnyxClient | None:
    if settings.telnyx_api_key is None:
        return None
    return TelnyxClient(api_key=settings.telnyx_api_key, base_url=settings.telnyx_base_url, **options)


def _stream_address(settings: Settings) -> str | None:
    """The base URL of media streams. The demo's simulator always uses loopback."""
    return f"http://127.0.0.1:{settings.port}" if settings.demo else settings.public_url


def _webhook_update(entry: WebhookLogEntry) -> VolatileUpdate:
    return VolatileUpdate(EVENTS_ROOM, entry.id, entry)


def _level_update(level: StreamLevels) -> VolatileUpdate:
    return VolatileUpdate(call_room(level.call_id), ("level", level.stream_id), level)


def _minutes(number: float | None) -> timedelta | None:
    return None if number is None else timedelta(minutes=number)


def _broker_check(redis_url: str | None) -> Callable[[], bool]:
    if redis_url is None:
        return lambda: True
    from redis import Redis

    broker = Redis.from_url(redis_url, socket_timeout=1, socket_connect_timeout=1)
    return lambda: bool(broker.ping())
