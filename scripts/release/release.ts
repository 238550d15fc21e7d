import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../src/errors.ts';
import { audit } from './audit.ts';
import { pack, tryInstalling } from './package.ts';
import { must, run } from './run.ts';
import { isHigher, versioned, versionIn, writeVersion } from './versions.ts';

/** What a record for the tests of upgrades takes: a run of the whole program. */
const recording = ['npm', 'run', '--silent', 'soak', '--', '--minutes', '4', '--readers', '8', '--record'];

/** How a release is made. */
export interface ReleaseOptions {
  /** Goes through all of it, and takes back what it changed in the checkout: no commit, no tag. */
  dryRun?: boolean;
  /** Leaves out `npm run check`, `npm test`, and the record for the tests of upgrades, a run of four minutes. */
  skipTests?: boolean;
  /** Today. */
  now: Date;
  /** Is told of each step. */
  tell: (line: string) => void;
}

/**
 * Makes a release of a checkout: checks it, writes the version, builds, packs, installs what was packed, commits and tags.
 * Tarball and SBOM are in its folder `release`. What it changed is taken back if a step fails.
 * @param root the checkout
 * @throws UserError naming the step that failed
 */
export function release(root: string, version: string, options: ReleaseOptions): void {
  const { dryRun = false, skipTests = false, now, tell } = options;
  const branch = mayBeReleased(root, version);
  tell(`Releasing ${version} from ${branch}, after ${versionIn(root)}.`);
  if (skipTests) tell('Left out, as asked for: checks and tests.');
  else {
    tell('npm run check');
    must(['npm', 'run', '--silent', 'check'], { cwd: root, shown: true });
    tell('npm test');
    must(['npm', 'run', '--silent', 'test'], { cwd: root, shown: true });
  }
  tell(`npm audit: ${audit(root)}`);

  const record = `tests/db/releases/${version}`;
  let isDone = false;
  try {
    const notes = writeVersion(root, version, now.toISOString().slice(0, 10));
    tell(`What changes, as CHANGELOG.md says:\n${notes}\n`);
    const { tarball, sbom } = pack(root, version, join(root, 'release'));
    tell(`Packed ${tarball}, with what is in it in ${sbom}.`);
    tryInstalling(tarball, version);
    tell('It installs into an empty folder and starts.');
    if (skipTests) tell(`Left out, as asked for: the record for tests of upgrades (${record}).`);
    else {
      tell('Recording data and statements of this version, for tests of upgrades from it');
      must([...recording, record], { cwd: root, shown: true });
    }
    if (!dryRun) {
      must(['git', 'add', '--', ...present(root, [...versioned, record])], { cwd: root });
      must(['git', 'commit', '--quiet', '--message', `Release ${version}`], { cwd: root });
      isDone = true;
      must(['git', 'tag', '--annotate', `v${version}`, '--message', `Broadsheet ${version}`], { cwd: root });
    }
  } finally {
    if (!isDone) takeBack(root, record);
  }
  tell(
    dryRun
      ? 'A dry run: nothing was committed, and the checkout is as it was.'
      : [
          `Committed, and tagged v${version}. What is left to do:`,
          `  git push origin ${branch} v${version}`,
          `  npm publish release/broadsheet-${version}.tgz`,
          `  docker build -f deploy/Dockerfile -t broadsheet:${version} .`,
          `  lay release/broadsheet-${version}.cdx.json beside it, for those who ask what is in it`,
        ].join('\n'),
  );
}

/** @returns the branch @throws UserError if a release cannot be made of the checkout as it is */
function mayBeReleased(root: string, version: string): string {
  const former = versionIn(root);
  if (!isHigher(version, former)) throw new UserError(`${version} is not higher than ${former}.`);
  const changed = must(['git', 'status', '--porcelain'], { cwd: root });
  if (changed)
    throw new UserError(`There is something that is not committed:\n${changed}`, {
      hint: 'Commit it or take it away: a release is what is committed.',
    });
  const { printed } = run(['git', 'symbolic-ref', '--quiet', '--short', 'HEAD'], { cwd: root });
  if (!printed)
    throw new UserError('The checkout is on no branch.', { hint: 'Check out the branch to release.' });
  if (must(['git', 'tag', '--list', `v${version}`], { cwd: root }))
    throw new UserError(`There is a tag v${version} already.`);
  return printed.trim();
}

const present = (root: string, paths: string[]) => paths.filter((path) => existsSync(join(root, path)));

/** As it was committed: nothing else had been changed. */
function takeBack(root: string, record: string): void {
  must(['git', 'reset', '--quiet'], { cwd: root });
  must(['git', 'checkout', '--quiet', '--', ...present(root, versioned)], { cwd: root });
  rmSync(join(root, record), { recursive: true, force: true });
}
