import type { Poll } from './poll.ts';
import { Pop3Client } from './pop3-client.ts';

/**
 * Reads a POP3 mailbox and deletes what was recorded. The server deletes at the end of the session; what a broken
 * connection leaves is found again, and acts once. What is left for a person is remembered by its UIDL.
 */
export async function readPop3(url: URL, poll: Poll): Promise<void> {
  const secure = url.protocol === 'pop3s:';
  const client = await Pop3Client.connect({
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port ? Number(url.port) : secure ? 995 : 110,
    secure,
    idleMs: 30_000,
    maxBytes: poll.limits.bytes + 64 * 1024,
  });
  try {
    await client.command(`USER ${decodeURIComponent(url.username)}`);
    await client.command(`PASS ${decodeURIComponent(url.password)}`);
    const sizes = await client.list('LIST');
    const names = await client.list('UIDL');
    poll.waiting?.(sizes.size);
    const left = poll.memory && new LeftMessages(poll.memory, `pop3:${url.username}@${url.host}`);
    await left?.load([...names.values()]);
    for (const [number, size] of sizes) {
      const name = names.get(number);
      if (name !== undefined && left?.has(name)) continue;
      if (!poll.more()) break;
      const verdict =
        Number(size) > poll.limits.bytes
          ? poll.tooLarge()
          : await poll.take(await client.read(`RETR ${number}`));
      if (verdict === 'recorded') await client.command(`DELE ${number}`);
      else if (verdict === 'left' && name !== undefined) await left?.add(name);
    }
    await client.command('QUIT');
  } finally {
    client.close();
  }
}

/** The messages of a mailbox that were looked at before and stay where they are. */
class LeftMessages {
  readonly #memory: NonNullable<Poll['memory']>;
  readonly #mailbox: string;
  #known = new Set<string>();

  constructor(memory: NonNullable<Poll['memory']>, mailbox: string) {
    this.#memory = memory;
    this.#mailbox = mailbox;
  }

  /** Reads them, and forgets those that a person has deleted. @param present what is in the mailbox now */
  async load(present: string[]): Promise<void> {
    await this.#memory.db
      .deleteFrom('feedback_seen')
      .where('scope', '=', this.#mailbox)
      .$if(present.length > 0, (query) => query.where('name', 'not in', present))
      .execute();
    const rows = await this.#memory.db
      .selectFrom('feedback_seen')
      .select('name')
      .where('scope', '=', this.#mailbox)
      .execute();
    this.#known = new Set(rows.map((row) => row.name));
  }

  has(name: string): boolean {
    return this.#known.has(name);
  }

  async add(name: string): Promise<void> {
    await this.#memory.db
      .insertInto('feedback_seen')
      .values({ scope: this.#mailbox, name, at: this.#memory.clock.now() })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}
