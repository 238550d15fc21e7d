import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { verdictOf } from '../scripts/release/audit.ts';
import { type ReleaseOptions, release } from '../scripts/release/release.ts';
import { isHigher, releasedChangelog } from '../scripts/release/versions.ts';
import { temporaryFolder } from './support/folder.ts';

const now = new Date('2026-11-27T23:30:00Z');
const note = (file: string) =>
  `node -e "fs.appendFileSync('${file}', process.argv.slice(1).join(' ') + '\\n')" --`;

/** A checkout in small: it builds, packs and installs for real, and takes no package from a registry. */
function checkout() {
  const root = temporaryFolder();
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  };
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  const about = { name: 'broadsheet', version: '0.1.0' };
  const scripts = {
    check: note('../ran-check'),
    test: note('../ran-test'),
    build: 'node build.mjs',
    soak: 'node soak.mjs',
    sbom: 'npm sbom --sbom-format cyclonedx --package-lock-only',
  };
  const own = { ...about, bin: { broadsheet: 'dist/main.js' }, files: ['dist'] };
  write('package.json', `${JSON.stringify({ ...own, scripts }, null, 2)}\n`);
  const lock = { ...about, lockfileVersion: 3, requires: true, packages: { '': own } };
  write('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);
  write('.npmrc', 'registry=http://127.0.0.1:9/\nfetch-retries=0\n');
  write('.gitignore', 'dist/\n/release/\n');
  write('deploy/kubernetes/kustomization.yaml', 'images:\n  - name: broadsheet\n    newTag: 0.1.0\n');
  write(
    'CHANGELOG.md',
    '# Changelog\n\n## Unreleased\n\n- It hums.\n\n## 0.1.0 (2026-01-01)\n\n- All of it.\n',
  );
  write(
    'build.mjs',
    `import fs from 'node:fs';
const { version } = JSON.parse(fs.readFileSync('package.json', 'utf8'));
fs.mkdirSync('dist', { recursive: true });
fs.writeFileSync('dist/main.js', '#!/usr/bin/env node\\nconsole.log(' + JSON.stringify(version) + ');\\n');`,
  );
  write(
    'soak.mjs',
    `import fs from 'node:fs';
const folder = process.argv.at(-1);
fs.mkdirSync(folder, { recursive: true });
fs.writeFileSync(folder + '/release.json', '{}');`,
  );
  git('init', '--quiet', '--initial-branch', 'main');
  git('config', 'user.name', 'Mara');
  git('config', 'user.email', 'mara@example.com');
  git('config', 'commit.gpgsign', 'false');
  git('add', '.');
  git('commit', '--quiet', '--message', 'Begin');
  const told: string[] = [];
  return {
    root,
    git,
    write,
    told,
    read: (file: string) => readFileSync(join(root, file), 'utf8'),
    release: (version: string, options: Partial<ReleaseOptions> = {}) =>
      release(root, version, { now, tell: (line) => told.push(line), ...options }),
    /** What a release may have left behind. */
    state: () => [git('status', '--porcelain'), git('log', '--format=%s'), git('tag'), git('diff', 'HEAD')],
  };
}

test('a release is checked, written, packed, installed, recorded, committed and tagged', () => {
  const { root, git, read, release, told } = checkout();
  release('0.2.0');
  expect(git('log', '-1', '--format=%s')).toBe('Release 0.2.0');
  expect(git('describe', '--exact-match')).toBe('v0.2.0');
  expect(git('status', '--porcelain')).toBe('');
  expect(git('show', '--format=', '--name-only', 'HEAD').split('\n').sort()).toEqual([
    'CHANGELOG.md',
    'deploy/kubernetes/kustomization.yaml',
    'package-lock.json',
    'package.json',
    'tests/db/releases/0.2.0/release.json',
  ]);
  expect(read('CHANGELOG.md')).toBe(
    '# Changelog\n\n## Unreleased\n\n## 0.2.0 (2026-11-27)\n\n- It hums.\n\n## 0.1.0 (2026-01-01)\n\n- All of it.\n',
  );
  expect(JSON.parse(read('package.json')).version).toBe('0.2.0');
  expect(JSON.parse(read('package-lock.json'))).toMatchObject({
    version: '0.2.0',
    packages: { '': { version: '0.2.0' } },
  });
  expect(read('deploy/kubernetes/kustomization.yaml')).toContain('newTag: 0.2.0\n');
  expect(readdirSync(join(root, 'release')).sort()).toEqual([
    'broadsheet-0.2.0.cdx.json',
    'broadsheet-0.2.0.tgz',
  ]);
  expect(JSON.parse(read('release/broadsheet-0.2.0.cdx.json')).metadata.component.version).toBe('0.2.0');
  const all = told.join('\n');
  expect(all).toMatch(/npm audit: no weakness is known/);
  expect(all).toMatch(/git push origin main v0\.2\.0\n.*npm publish release\/broadsheet-0\.2\.0\.tgz/);
  for (const script of ['check', 'test'])
    expect(existsSync(join(root, `../ran-${script}`)), script).toBe(true);
});

test('a dry run, and a release that fails, leave the checkout as it was', () => {
  const { git, read, write, release, state, told } = checkout();
  const before = state();
  release('0.2.0', { dryRun: true, skipTests: true });
  expect(state()).toEqual(before);
  expect(told.join('\n')).toMatch(/- It hums\..*installs into an empty folder.*A dry run/s);

  // What is packed is not what it should be.
  write('build.mjs', `${read('build.mjs').replace('JSON.stringify(version)', '\'"0.1.9"\'')}\n`);
  git('commit', '--quiet', '--all', '--message', 'Break it');
  const broken = state();
  expect(() => release('0.2.0', { skipTests: true })).toThrow('says that it is 0.1.9, not 0.2.0');
  expect(state()).toEqual(broken);
});

test('what cannot be released is refused before anything is done', () => {
  const { git, write, release, state } = checkout();
  const refused = (version: string, why: string | RegExp) => {
    const before = state();
    expect(() => release(version, { skipTests: true })).toThrow(why);
    expect(state()).toEqual(before);
  };
  refused('0.1.0', '0.1.0 is not higher than 0.1.0');
  refused('v0.2', '"v0.2" is no version such as 1.2.3');
  git('tag', 'v0.3.0');
  refused('0.3.0', 'There is a tag v0.3.0 already');
  write('notes.txt', 'x');
  refused('0.2.0', /not committed:\n\?\? notes\.txt/);
  git('add', '.');
  git('commit', '--quiet', '--message', 'Note');
  git('checkout', '--quiet', '--detach');
  refused('0.2.0', 'on no branch');
  git('checkout', '--quiet', 'main');
  write('CHANGELOG.md', '# Changelog\n\n## Unreleased\n\n## 0.1.0\n\n- All of it.\n');
  git('commit', '--quiet', '--all', '--message', 'Forget');
  refused('0.2.0', 'nothing under "## Unreleased"');
});

test('versions are compared by their numbers, and changelogs may end with what is unreleased', () => {
  expect(['0.10.0', '0.9.1', '1.0.0', '0.9.0', '0.8.9'].map((each) => isHigher(each, '0.9.0'))).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
  expect(releasedChangelog('# C\n\n## Unreleased\n\n- A\n\n  more\n- B\n', '1.0.0', '2027-01-02')).toEqual({
    text: '# C\n\n## Unreleased\n\n## 1.0.0 (2027-01-02)\n\n- A\n\n  more\n- B\n',
    notes: '- A\n\n  more\n- B',
  });
});

test('a release waits for known weaknesses, and not for a registry that says nothing of them', () => {
  const answer = (counts: object) => JSON.stringify({ metadata: { vulnerabilities: counts } });
  expect(verdictOf(answer({ total: 0 }))).toBe('no weakness is known');
  expect(verdictOf(answer({ moderate: 2, high: 0, critical: 0, total: 2 }))).toBe(
    '2 known, none of them high',
  );
  for (const counts of [
    { high: 1, total: 1 },
    { critical: 1, total: 3 },
  ])
    expect(() => verdictOf(answer(counts))).toThrow(/npm audit knows/);
  for (const none of ['', '{"message":"request failed","error":{}}', 'npm error'])
    expect(verdictOf(none)).toMatch(/did not answer/);
});
