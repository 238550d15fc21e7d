import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPolicyFile } from '../../src/selection/policy-file.ts';
import { temporaryFolder } from '../support/folder.ts';

const folder = temporaryFolder('policy');

function read(text: string) {
  const file = join(folder, 'policy.json');
  writeFileSync(file, text);
  return readPolicyFile(file);
}

test('a policy is read with its defaults, with or without a byte order mark', () => {
  const { document, policy } = read('\uFEFF{"windowHours": 24}');
  expect(document).toEqual({ windowHours: 24 });
  expect(policy).toMatchObject({ windowHours: 24, minimumStories: 3 });
});

test('what is wrong is named with the file, its line and its path', () => {
  const text = `{
  "windowHours": 24,
  "slots": [
    {"name": "lead", "count": 1},
    {"name": "top",
     "count": 0}
  ],
  "weights": {"coverage": 1,
    "fame": 2}
}`;
  expect(() => read(text)).toThrow(
    /policy\.json is wrong:\n {2}line 6, slots\.1\.count: .*\n {2}line 9, weights\.fame: /,
  );
  expect(() => read('[]')).toThrow(/line 1, policy: /);
});

test.each([
  ['{\n  "windowHours": 24,\n}', 3],
  ['{\n  "windowHours": 24\n  "related": 3\n}', 3],
  ['{"slots": [\n1,\n2', 3],
  ['', 1],
  ['{\n"languages": ["en\n"]}', 2],
  ['{}\n\n{}', 3],
])('a text that is no JSON is refused with its line: %j', (text, line) => {
  expect(() => read(text)).toThrow(new RegExp(`policy\\.json is no JSON, in line ${line}: `));
});

test('a file that is not there is named', () => {
  expect(() => readPolicyFile(join(folder, 'none.json'))).toThrow(/none\.json cannot be read: ENOENT/);
});
