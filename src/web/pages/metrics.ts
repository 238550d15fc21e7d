import { Hono } from 'hono';
import type { Context } from '../../context.ts';
import { databaseMetrics } from '../../observe/database-metrics.ts';
import { counted, runtimeMetrics } from '../../observe/metrics.ts';
import { isFromThisMachine } from '../request.ts';
import { sameSecret } from '../same-secret.ts';

/**
 * Metrics for Prometheus: what this process counts, and what the database says of all. For whoever brings METRICS_TOKEN;
 * while none is set, for this machine only.
 */
export function metricsPage(context: Context): Hono {
  const { metricsToken } = context.config;
  const ofDatabase = databaseMetrics(context);
  const app = new Hono();
  app.get('/', async (c) => {
    c.header('Cache-Control', 'no-store');
    if (
      metricsToken === undefined ? !isFromThisMachine(c) : !bears(c.req.header('authorization'), metricsToken)
    ) {
      c.header('WWW-Authenticate', 'Bearer');
      return c.text('METRICS_TOKEN is needed: Authorization: Bearer …\n', 401);
    }
    await ofDatabase.refresh();
    const registries = [counted, ofDatabase.registry, runtimeMetrics()];
    c.header('Content-Type', counted.contentType);
    return c.body((await Promise.all(registries.map((each) => each.metrics()))).join('\n'));
  });
  return app;
}

const bears = (header: string | undefined, token: string) =>
  sameSecret(/^Bearer\s+(\S+)$/i.exec(header ?? '')?.[1] ?? '', token);
