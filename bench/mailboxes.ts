import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { readReturnPath } from '../src/feedback/return-path.ts';
import type { LinkSigner } from '../src/links.ts';

/**
 * What a mailbox does: takes everything; is gone (550 5.1.1); is full at the first try of each edition (452 4.2.2), and then
 * takes it; or refuses what the message says (554 5.7.1).
 */
export type Habit = 'takes' | 'gone' | 'full' | 'blocks';

/** What a mailbox saw of one edition. */
export interface Mailbox {
  taken: number;
  refused: number;
}

/** The mail server of all readers. */
export interface Mailboxes {
  port: number;
  /** What came of an edition, by address. An address is there once it was named as a recipient. */
  of(editionId: number): ReadonlyMap<string, Mailbox>;
  /** Messages that are of no edition. */
  others: number;
  /** Messages of editions that were taken, and their bytes. */
  messages: number;
  bytes: number;
  /** When the last message of an edition was taken, in milliseconds since 1970. */
  lastTakenAt: number;
  close(): Promise<void>;
}

/** Starts the server on 127.0.0.1. To which edition a message belongs is read from its signed return path. */
export async function startMailboxes(
  signer: LinkSigner,
  habitOf: (address: string) => Habit,
): Promise<Mailboxes> {
  const editions = new Map<number, Map<string, Mailbox>>();
  const mailboxOf = (editionId: number, address: string) => {
    const edition = editions.get(editionId) ?? new Map<string, Mailbox>();
    editions.set(editionId, edition);
    const mailbox = edition.get(address) ?? { taken: 0, refused: 0 };
    edition.set(address, mailbox);
    return mailbox;
  };
  const refusal = (mailbox: Mailbox, responseCode: number, words: string) => {
    mailbox.refused++;
    return Object.assign(new Error(words), { responseCode });
  };
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    closeTimeout: 500,
    onRcptTo({ address }, { envelope }, answer) {
      const about = envelope.mailFrom && readReturnPath(signer, envelope.mailFrom.address);
      if (!about || about.editionId === null) return answer();
      const mailbox = mailboxOf(about.editionId, address);
      const habit = habitOf(address);
      if (habit === 'gone') return answer(refusal(mailbox, 550, '5.1.1 There is no such mailbox'));
      if (habit === 'full' && mailbox.refused === 0)
        return answer(refusal(mailbox, 452, '4.2.2 The mailbox is full'));
      answer();
    },
    onData(stream, { envelope }, answer) {
      let bytes = 0;
      stream.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      stream.once('end', () => {
        const about = envelope.mailFrom && readReturnPath(signer, envelope.mailFrom.address);
        if (!about || about.editionId === null) {
          mailboxes.others++;
          return answer(null, 'taken');
        }
        for (const { address } of envelope.rcptTo) {
          const mailbox = mailboxOf(about.editionId, address);
          if (habitOf(address) === 'blocks')
            return answer(refusal(mailbox, 554, '5.7.1 The message was refused by policy'));
          mailbox.taken++;
        }
        mailboxes.messages++;
        mailboxes.bytes += bytes;
        mailboxes.lastTakenAt = Date.now();
        answer(null, 'taken');
      });
    },
  });
  // A client that goes away is no failure of the measurement: what it did not bring will be missed.
  server.on('error', () => {});
  const listener = server.listen(0, '127.0.0.1');
  await new Promise((resolve) => listener.once('listening', resolve));
  const mailboxes: Mailboxes = {
    port: (listener.address() as AddressInfo).port,
    of: (editionId) => editions.get(editionId) ?? new Map(),
    others: 0,
    messages: 0,
    bytes: 0,
    lastTakenAt: 0,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return mailboxes;
}
