import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What this process counts, from its start on. Names, labels and meanings stand in docs/observing.md. */
export const counted = new Registry();

const registers = [counted];

export const httpRequests = new Counter({
  name: 'broadsheet_http_requests_total',
  help: 'HTTP requests answered, by the pattern of their route.',
  labelNames: ['method', 'route', 'status'] as const,
  registers,
});

export const httpSeconds = new Histogram({
  name: 'broadsheet_http_request_duration_seconds',
  help: 'How long answers took.',
  labelNames: ['method', 'route'] as const,
  buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  registers,
});

export const deliveries = new Counter({
  name: 'broadsheet_deliveries_total',
  help: 'What became of deliveries in this process.',
  labelNames: ['state', 'route', 'newsletter'] as const,
  registers,
});

export const handOverSeconds = new Histogram({
  name: 'broadsheet_smtp_hand_over_seconds',
  help: 'How long a mail server took for a message.',
  labelNames: ['route'] as const,
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60],
  registers,
});

export const sendsInFlight = new Gauge({
  name: 'broadsheet_sends_in_flight',
  help: 'Messages that are out to a mail server and not answered.',
  labelNames: ['route'] as const,
  registers,
});

export const laneWaitSeconds = new Counter({
  name: 'broadsheet_lane_wait_seconds_total',
  help: 'Seconds in which connections for sending waited.',
  labelNames: ['route', 'cause'] as const,
  registers,
});

export const routeUp = new Gauge({
  name: 'broadsheet_route_up',
  help: '1 while a route takes mail of this process, 0 since it took nothing.',
  labelNames: ['route'] as const,
  registers,
});

export const engagementWaiting = new Gauge({
  name: 'broadsheet_engagement_buffer_events',
  help: 'Clicks and openings that wait to be written.',
  registers,
});

export const engagementLost = new Counter({
  name: 'broadsheet_engagement_lost_total',
  help: 'Clicks and openings that were not counted, as the database was away for too long.',
  registers,
});

let ofRuntime: Registry | undefined;

/** What Node tells of the process: memory, CPU, event loop, garbage. Made when it is first asked for, as observing costs something. */
export function runtimeMetrics(): Registry {
  if (!ofRuntime) {
    ofRuntime = new Registry();
    collectDefaultMetrics({ register: ofRuntime });
  }
  return ofRuntime;
}
