import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { packageRoot } from '../../src/package-root.ts';
import { startMetrics } from '../../src/web/metrics-server.ts';
import { createTestContext } from '../support/context.ts';

const file = (path: string) => readFileSync(join(packageRoot, path), 'utf8');

/** The metrics that are served, each with its labels where there are such; histograms with the names of their parts. */
async function served(): Promise<Set<string>> {
  const server = await startMetrics(await createTestContext({ metricsAt: { host: '127.0.0.1', port: 0 } }));
  onTestFinished(() => server?.close());
  const text = await (await fetch(`${server?.url}/metrics`)).text();
  return new Set(
    [...text.matchAll(/^# TYPE (\w+) (\w+)/gm)].flatMap(([, name = '', type]) =>
      type === 'histogram' ? ['bucket', 'sum', 'count'].map((part) => `${name}_${part}`) : [name],
    ),
  );
}

const namesIn = (expression: string) => expression.match(/\b(?:broadsheet|nodejs|process)_\w+\b/g) ?? [];

test('each metric that the dashboard and the alert rules name is served', async () => {
  const names = await served();
  const dashboard = JSON.parse(file('deploy/grafana/broadsheet.json')) as {
    panels: { title: string; targets: { expr: string }[] }[];
  };
  const expressions = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  const rules = file('deploy/alerts/broadsheet.yaml')
    .split(/^\s+- alert: /m)
    .slice(1)
    .map((rule) => /expr: (?:>-)?([\s\S]*?)\n\s+(?:for|labels):/.exec(rule)?.[1] ?? '');
  expect(dashboard.panels.length).toBeGreaterThan(15);
  expect(rules.length).toBeGreaterThan(10);
  for (const rule of rules) expect(rule.trim()).not.toBe('');
  const named = [...expressions, ...rules].flatMap(namesIn);
  expect([...new Set(named)].filter((name) => !names.has(name))).toEqual([]);
  // Nothing that is served is left without a place where somebody sees it.
  const shown = new Set(named.map((name) => name.replace(/_(bucket|sum|count)$/, '')));
  const ours = [...names]
    .filter((name) => /^broadsheet_/.test(name))
    .map((name) => name.replace(/_(bucket|sum|count)$/, ''));
  expect([...new Set(ours)].filter((name) => !shown.has(name))).toEqual([]);
});
