import { ImapFlow } from 'imapflow';
import type { Poll } from './poll.ts';

/**
 * Reads the unseen messages of a folder and marks them as seen; what is left for a person is flagged too. `imap:` uses
 * STARTTLS where the server has it.
 */
export async function readImap(url: URL, poll: Poll): Promise<void> {
  const secure = url.protocol === 'imaps:';
  const client = new ImapFlow({
    host: url.hostname,
    port: url.port ? Number(url.port) : secure ? 993 : 143,
    secure,
    auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) },
    logger: false,
    disableAutoIdle: true,
    connectionTimeout: 15_000,
    greetingTimeout: 15_000,
    socketTimeout: 30_000,
  });
  // What goes wrong between two commands comes out at the next one.
  client.on('error', () => {});
  try {
    await client.connect();
    await client.mailboxOpen(decodeURIComponent(url.pathname.slice(1)) || 'INBOX');
    const unseen = (await client.search({ seen: false }, { uid: true })) || [];
    poll.waiting?.(unseen.length);
    for (const uid of unseen) {
      if (!poll.more()) break;
      await readOne(client, String(uid), poll);
    }
    await client.logout();
  } finally {
    client.close();
  }
}

async function readOne(client: ImapFlow, uid: string, poll: Poll): Promise<void> {
  const found = await client.fetchOne(uid, { size: true }, { uid: true });
  // Somebody has deleted it meanwhile.
  if (!found) return;
  let verdict = (found.size ?? 0) > poll.limits.bytes ? poll.tooLarge() : undefined;
  if (!verdict) {
    // The size that a server states may be wrong, so the reading is bounded too.
    const body = await client.fetchOne(uid, { source: { maxLength: poll.limits.bytes } }, { uid: true });
    const source = body ? body.source : undefined;
    if (!source) return;
    verdict = await poll.take(source);
  }
  if (verdict === 'failed') return;
  await client.messageFlagsAdd(uid, verdict === 'recorded' ? ['\\Seen'] : ['\\Seen', '\\Flagged'], {
    uid: true,
  });
}
