import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { allScopes } from '../../src/access/tokens.ts';
import { kinds } from '../../src/notify/events.ts';
import { packageRoot } from '../../src/package-root.ts';
import { apiReference } from '../../src/web/api/reference.ts';
import { describeApi } from '../../src/web/api/routes.ts';

test('docs/api.md tells what the API takes and answers (npm run docs:api writes it)', () => {
  expect(readFileSync(join(packageRoot, 'docs/api.md'), 'utf8')).toBe(apiReference(describeApi()));
});

test('each operation is described whole: a summary, a tag, a scope, and names that lead somewhere', () => {
  const document = describeApi();
  const tags = document.tags?.map(({ name }) => name) ?? [];
  const used = new Set<string>();
  for (const [path, item] of Object.entries(document.paths ?? {}))
    for (const [method, operation] of Object.entries(item)) {
      const name = `${method} ${path}`;
      expect(operation.summary, name).toMatch(/^[A-Z]/);
      expect(tags, name).toContain(operation.tags?.[0]);
      const [scope] = operation.security?.[0]?.token ?? [];
      expect(allScopes, name).toContain(scope);
      used.add(scope);
      // What reads never needs a scope that writes, and the other way round.
      expect(/:read$/.test(scope), name).toBe(method === 'get');
      const inPath = [...path.matchAll(/\{([^}]+)\}/g)].map((match) => match[1]);
      const described = operation.parameters?.filter((each: { in: string }) => each.in === 'path');
      expect(described?.map((each: { name: string }) => each.name) ?? [], name).toEqual(inPath);
    }
  expect([...used].sort()).toEqual([...allScopes].sort());
  expect(Object.keys(document.webhooks ?? {})).toEqual(kinds);
  const references = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)];
  for (const [, name = ''] of references) expect(document.components?.schemas).toHaveProperty(name);
});
