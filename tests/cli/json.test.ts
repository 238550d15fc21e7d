import type { Command } from 'commander';
import { beforeAll, expect, test, vi } from 'vitest';
import { isHidden } from '../../src/cli/completion/tree.ts';
import { createProgram } from '../../src/cli/program.ts';
import { createDkimKey } from '../../src/delivery/dkim-keys.ts';
import { createRoute } from '../../src/delivery/routes.ts';
import { putTopics } from '../../src/selection/topics/taxonomy.ts';
import { parseAddress } from '../../src/subscribers/address.ts';
import { suppress } from '../../src/subscribers/suppression.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { seedEdition, seedList, seedNewsletter } from '../support/seed.ts';
import { seedStories } from '../support/stories.ts';
import { inProcess } from './in-process.ts';

vi.setConfig({ testTimeout: 180_000 });

let program: Command;

beforeAll(async () => {
  program = await createProgram();
});

/** Something of each kind that can be listed. */
async function seed(context: TestContext): Promise<void> {
  const { listId } = await seedList(context, 2);
  const { id } = await seedNewsletter(context, [listId]);
  await seedEdition(context, id);
  await seedStories(context, [{ title: 'The bridge hums again', publisher: 'Harbour Post' }]);
  await createRoute(context, 'main', { url: 'smtp://mail.example.com' });
  await createDkimKey(context, { domain: 'example.com', selector: 'one', algorithm: 'ed25519-sha256' });
  await putTopics(context, [{ slug: 'harbour', name: 'Harbour' }]);
  await suppress(context, { address: parseAddress('stop@example.com'), reason: 'manual' });
  const folder = temporaryFolder('json');
  await inProcess(context.environment, 'sources', 'create', folder, '--name', 'Desk');
}

/** The names of a shape's fields: of "[{ id, slug, reason: { text } }]" id, slug and reason. */
function fieldsOf(shape: string): string[] {
  let depth = 0;
  let flat = '';
  for (const sign of shape.slice(shape.indexOf('{') + 1)) {
    if ('{[('.includes(sign)) depth++;
    if (depth === 0 && sign === '}') break;
    if (depth === 0) flat += sign;
    if ('}])'.includes(sign)) depth--;
  }
  return flat
    .split(',')
    .map((part) => part.split(':')[0]?.trim() ?? '')
    .filter(Boolean);
}

function shapeOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  return /^With --json: ([\s\S]*?)\n\s*\n/m.exec(text)?.[1] ?? '';
}

test('what lists and shows print with --json is one document with the fields that their help names', async () => {
  const context = await createTestContext({}, new Date().toISOString());
  await seed(context);
  const compared: string[] = [];
  for (const group of program.commands.filter((each) => !isHidden(each)))
    for (const verb of ['list', 'show']) {
      const command = group.commands.find((each) => each.name() === verb);
      if (!command) continue;
      const name = `${group.name()} ${verb}`;
      const parse = async (...args: string[]) => {
        const { code, out, err } = await inProcess(context.environment, group.name(), ...args, '--json');
        expect({ code, err }, name).toEqual({ code: 0, err: '' });
        expect(out.trimEnd().split('\n'), name).toHaveLength(1);
        return JSON.parse(out) as unknown;
      };
      const listed = (await parse('list')) as
        | Record<string, unknown>[]
        | { items?: Record<string, unknown>[] };
      const first = Array.isArray(listed) ? listed[0] : undefined;
      if (!first) continue;
      const reference =
        group.name() === 'suppressions'
          ? (first.email ?? first.hash)
          : (first.id ?? first.slug ?? first.name ?? first.domain);
      const shown = verb === 'list' ? first : await parse('show', String(reference));
      const one = (Array.isArray(shown) ? shown[0] : shown) as Record<string, unknown>;
      const shape = shapeOf(command);
      if (!/^\[?\{/.test(shape)) continue;
      const told = fieldsOf(shape);
      const fields = Object.keys(one);
      if (told.includes('…'))
        expect(fields, name).toEqual(expect.arrayContaining(told.filter((field) => field !== '…')));
      else expect(fields.toSorted(), name).toEqual(told.toSorted());
      compared.push(name);
    }
  expect(compared).toEqual(
    expect.arrayContaining([
      ...['sources list', 'sources show', 'stories list', 'stories show', 'topics list', 'lists list'],
      ...['newsletters show', 'editions list', 'editions show', 'routes list', 'dkim show', 'config list'],
      ...['subscribers list', 'suppressions list'],
    ]),
  );
});

test('a shape is read by its outermost fields', () => {
  expect(fieldsOf('[{ id, reason: { text, parts }, list: [a, b], … }]; more')).toEqual([
    ...['id', 'reason', 'list', '…'],
  ]);
});
