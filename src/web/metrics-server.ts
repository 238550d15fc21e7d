import { Hono } from 'hono';
import type { Context } from '../context.ts';
import { routeSeen } from '../observe/route-seen.ts';
import { health } from './pages/health.ts';
import { metricsPage } from './pages/metrics.ts';
import { startServer, type WebServer } from './server.ts';

/**
 * Serves `/metrics` and `/health` of a process that has no pages, at METRICS_HOST and METRICS_PORT; undefined while no port is set.
 * @throws UserError if the address cannot be had
 */
export async function startMetrics(context: Context): Promise<WebServer | undefined> {
  const { metricsAt } = context.config;
  if (!metricsAt) return undefined;
  const app = new Hono();
  app.use(routeSeen);
  app.route('/metrics', metricsPage(context));
  app.route('/health', health(context));
  return startServer(context, app, metricsAt);
}
