import { setTimeout as sleep } from 'node:timers/promises';
import { createTransport, type Transporter } from 'nodemailer';
import { messageOf } from '../../src/errors.ts';
import type { LinkSigner } from '../../src/links.ts';
import type { Random } from '../torture/random.ts';
import type { Mail } from '../torture/sink.ts';
import { complaint, hardBounce } from './bounce.ts';

/** Somebody on a list, and from when to when, as far as they can know: by when the program answered. In milliseconds. */
export interface Reader {
  id: number;
  email: string;
  list: string;
  /** Undefined: they have not confirmed. */
  since: number | undefined;
  /** When they asked to leave, or their mailbox was gone; and when that was answered. */
  leaving: number | undefined;
  left: number | undefined;
  isErased: boolean;
  /** How many of their clicks were answered. */
  clicks: number;
}

/** Where the readers find the program. */
export interface Door {
  url: string;
  apiToken: string;
  bouncePort: number;
  /** To which newsletters' addresses complaints go, by list. */
  senders: Map<string, string>;
  signer: LinkSigner;
}

interface Latest {
  returnPath: string;
  messageId: string;
  unsubscribe: string;
}

export const deeds = ['signs up', 'joins', 'leaves', 'is erased', 'bounces', 'complains'] as const;
export type Deed = (typeof deeds)[number];

// People take a few seconds to fill in a form, and programs do not.
const fillsInMs = 3_300;
const waitsForMailMs = 60_000;
const browser = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0';

/** The readers of all lists: they sign up, read, click, leave, and their mailboxes vanish, all from outside. */
export class Readers {
  readonly people = new Map<number, Reader>();
  /** When each message of an edition came, by `edition-reader`. */
  readonly copies = new Map<string, number[]>();
  readonly done = new Map<Deed | 'clicks', number>();
  /** What the program answered otherwise than it should. */
  readonly wrong: string[] = [];
  letters = 0;
  readonly #door: Door;
  readonly #random: Random;
  readonly #clickShare: number;
  readonly #latest = new Map<number, Latest>();
  readonly #confirmations = new Map<string, (link: string) => void>();
  readonly #underWay = new Set<Promise<void>>();
  readonly #bounces: Transporter;
  #next = 0;
  #isOver = false;

  constructor(door: Door, random: Random, clickShare: number) {
    this.#door = door;
    this.#random = random;
    this.#clickShare = clickShare;
    this.#bounces = createTransport({ host: '127.0.0.1', port: door.bouncePort, ignoreTLS: true });
  }

  /** Those who are on their list now, and did not ask to leave. */
  get active(): Reader[] {
    return [...this.people.values()].filter(
      ({ since, leaving }) => since !== undefined && leaving === undefined,
    );
  }

  /** What came to the readers' mailboxes. */
  take({ from, to, text }: Mail): void {
    const head = text.toString('latin1', 0, 8192);
    const messageId = /^message-id:\s*<([^>]+)>/im.exec(head)?.[1] ?? '';
    const token = messageId.slice(0, messageId.lastIndexOf('@'));
    const [editionId, id] = this.#door.signer.verify('bounce', token) ?? [];
    if (editionId === undefined || id === undefined) {
      this.#complain(`a message to ${to} has the Message-ID ${messageId}, which names no delivery`);
      return;
    }
    if (editionId === 0) {
      this.letters++;
      const link = this.#linkIn(text, /\/confirm\/[\w-]+/);
      if (link) this.#confirmations.get(to)?.(link);
      return;
    }
    const key = `${editionId}-${id}`;
    const earlier = this.copies.get(key);
    if (earlier) earlier.push(Date.now());
    else this.copies.set(key, [Date.now()]);
    const unsubscribe = /\/unsubscribe\/[\w-]+/.exec(head)?.[0];
    if (unsubscribe) this.#latest.set(id, { returnPath: from, messageId, unsubscribe });
    if (this.#isOver || !this.#random.chance(this.#clickShare)) return;
    const link = this.#linkIn(text, /\/c\/[\w-]+\/\d+/);
    const reader = this.people.get(id);
    if (link && reader) this.#begin('clicks', () => this.#click(reader, link));
  }

  /** Begins something; it is waited for at the end. */
  do(deed: Deed, list: string): void {
    const reader = () => {
      const readers = this.active.filter((each) => each.list === list && this.#latest.has(each.id));
      return readers.length > 0 ? this.#random.pick(readers) : undefined;
    };
    if (deed === 'signs up') this.#begin(deed, () => this.#signUp(list));
    else if (deed === 'joins') this.#begin(deed, () => this.join(list));
    else {
      const one = reader();
      if (!one) return;
      one.leaving = Date.now();
      const ways = {
        leaves: this.#leave,
        'is erased': this.#erase,
        bounces: this.#bounce,
        complains: this.#bounce,
      };
      this.#begin(deed, async () => {
        await ways[deed].call(this, one, deed);
        one.left = Date.now();
      });
    }
  }

  /** Brings so many to a list by a file, through the API. @param idsOf looks up who got which id */
  async importSome(
    list: string,
    count: number,
    idsOf: (emails: string[]) => Promise<Map<string, number>>,
  ): Promise<void> {
    const emails = Array.from({ length: count }, () => this.#address());
    await this.#ask(`/api/imports?${new URLSearchParams({ list, consent: 'signed up at the counter' })}`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${this.#door.apiToken}`, 'Content-Type': 'text/csv' },
      body: ['email', ...emails].join('\n'),
    });
    for (const [email, id] of await idsOf(emails)) this.#add(id, email, list, Date.now());
  }

  /** By the API, with their consent. */
  async join(list: string): Promise<void> {
    const email = this.#address();
    const response = await this.#api('POST', '/api/subscribers', {
      email,
      list,
      confirmed: true,
      consent: 'signed up at the counter',
    });
    const { subscriberId, id } = (await response.json()) as { subscriberId?: number; id?: number };
    this.#add(Number(subscriberId ?? id), email, list, Date.now());
  }

  /** No more clicks; waits for what is under way. */
  async end(): Promise<void> {
    this.#isOver = true;
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
    this.#bounces.close();
  }

  #begin(what: Deed | 'clicks', action: () => Promise<void>): void {
    const running: Promise<void> = action()
      .then(() => void this.done.set(what, (this.done.get(what) ?? 0) + 1))
      .catch((error) => this.#complain(`${what}: ${messageOf(error)}`))
      .finally(() => this.#underWay.delete(running));
    this.#underWay.add(running);
  }

  #complain(what: string): void {
    if (this.wrong.length < 20) this.wrong.push(what);
  }

  #address(): string {
    return `reader${++this.#next}@readers.test`;
  }

  #add(id: number, email: string, list: string, since: number | undefined): void {
    if (!(id > 0)) throw new Error(`${email} got no id`);
    this.people.set(id, {
      ...{ id, email, list, since, leaving: undefined, left: undefined, isErased: false, clicks: 0 },
    });
  }

  async #signUp(list: string): Promise<void> {
    const email = this.#address();
    // Each comes from a machine of their own.
    const headers = {
      'X-Forwarded-For': `198.51.${this.#random.between(0, 255)}.${this.#random.between(1, 254)}`,
    };
    const page = await this.#ask(`/subscribe/${list}`, { headers });
    const stamp = /name="stamp" value="([^"]+)"/.exec(await page.text())?.[1] ?? '';
    await sleep(fillsInMs);
    const mailed = new Promise<string>((resolve) => this.#confirmations.set(email, resolve));
    await this.#ask(`/subscribe/${list}`, {
      method: 'POST',
      headers,
      body: new URLSearchParams({ email, stamp }),
    });
    const link = await Promise.race([mailed, sleep(waitsForMailMs, undefined, { ref: false })]);
    this.#confirmations.delete(email);
    if (!link) throw new Error(`${email} got no mail to confirm`);
    await (await this.#ask(link)).text();
    await (await this.#ask(link, { method: 'POST', body: new URLSearchParams() })).text();
    this.#add(Number(/\/confirm\/(\d+)-/.exec(link)?.[1]), email, list, Date.now());
  }

  async #leave({ id }: Reader): Promise<void> {
    const body = new URLSearchParams({ 'List-Unsubscribe': 'One-Click' });
    await (await this.#ask(this.#latest.get(id)?.unsubscribe ?? '', { method: 'POST', body })).text();
  }

  async #erase(reader: Reader): Promise<void> {
    await this.#api('DELETE', `/api/subscribers/${reader.id}`);
    reader.isErased = true;
  }

  /** To whichever process listens; that one may just have been killed. */
  async #bounce({ id, email, list }: Reader, deed: Deed): Promise<void> {
    const { returnPath = '', messageId = '' } = this.#latest.get(id) ?? {};
    const sender = this.#door.senders.get(list) ?? '';
    const mail =
      deed === 'bounces'
        ? { envelope: { from: '', to: returnPath }, raw: hardBounce(returnPath, email, messageId) }
        : { envelope: { from: 'fbl@readers.test', to: sender }, raw: complaint(sender, email, messageId) };
    for (const end = Date.now() + waitsForMailMs; ; await sleep(1_000))
      try {
        await this.#bounces.sendMail(mail);
        return;
      } catch (error) {
        if (Date.now() > end) throw error;
      }
  }

  async #click(reader: Reader, link: string): Promise<void> {
    await sleep(this.#random.between(200, 5_000));
    await this.#ask(link, { redirect: 'manual' }, 302);
    reader.clicks++;
  }

  /** The path of a link in a message's quoted-printable text. */
  #linkIn(text: Buffer, pattern: RegExp): string | undefined {
    const plain = text
      .toString('latin1')
      .replace(/=\r\n/g, '')
      .replace(/=([0-9A-F]{2})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 16)));
    return pattern.exec(plain)?.[0];
  }

  #api(method: string, path: string, body?: unknown): Promise<Response> {
    const headers = { Authorization: `Bearer ${this.#door.apiToken}`, 'Content-Type': 'application/json' };
    return this.#ask(path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
  }

  async #ask(path: string, init: RequestInit = {}, status?: number): Promise<Response> {
    const headers = { 'User-Agent': browser, ...(init.headers as Record<string, string> | undefined) };
    const response = await fetch(this.#door.url + path, {
      ...init,
      headers,
      signal: AbortSignal.timeout(30_000),
    });
    if (status === undefined ? response.ok : response.status === status) return response;
    throw new Error(`${init.method ?? 'GET'} ${path} was answered with ${response.status}`);
  }
}
