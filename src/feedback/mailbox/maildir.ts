import { lstat, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Poll, Verdict } from './poll.ts';

/**
 * Reads the new messages of a Maildir and moves them to `cur` (https://cr.yp.to/proto/maildir.html): as seen, or flagged if
 * a person should look.
 */
export async function readMaildir(url: URL, poll: Poll): Promise<void> {
  const folder = fileURLToPath(new URL(`file://${url.pathname}`));
  // Names begin with the time of delivery.
  const names = (await readdir(join(folder, 'new'))).filter((name) => !name.startsWith('.')).sort();
  poll.waiting?.(names.length);
  for (const name of names) {
    if (!poll.more()) return;
    const file = join(folder, 'new', name);
    try {
      const verdict = await verdictOn(file, poll);
      if (verdict !== 'failed')
        await rename(
          file,
          join(folder, 'cur', `${name.replace(/:.*$/, '')}:2,${verdict === 'recorded' ? 'S' : 'F'}`),
        );
    } catch (error) {
      // Another process, or a mail program, was faster.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || !(await isGone(file))) throw error;
    }
  }
}

async function verdictOn(file: string, poll: Poll): Promise<Verdict> {
  const found = await lstat(file);
  if (!found.isFile() || found.size > poll.limits.bytes) return poll.tooLarge();
  return poll.take(await readFile(file));
}

async function isGone(file: string): Promise<boolean> {
  return lstat(file).then(
    () => false,
    () => true,
  );
}
