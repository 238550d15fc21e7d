import type { Context } from '../../context.ts';
import type { FeedbackEvent, Source } from '../../feedback/event.ts';
import type { LinkSigner } from '../../links.ts';

/** What a provider posted. */
export interface HookRequest {
  body: string;
  /** A header's value, or undefined. */
  header(name: string): string | undefined;
}

/** What reading a post needs. */
export interface HookTools {
  context: Pick<Context, 'config' | 'db' | 'clock' | 'log'>;
  signer: LinkSigner;
  /** Gets a text over https, with limits and without redirects. */
  fetchText(url: string): Promise<string>;
}

/** What a post says, once it is known to be the provider's. */
export interface HookContent {
  events: FeedbackEvent[];
  /** Events that are not understood, which stop no other. */
  broken: number;
  /** A name that makes this post unique where its signature does not cover the body; a second one is ignored. */
  once?: string;
}

/** A provider's webhook. */
export interface Provider {
  source: Source;
  /** Whether the settings say how its posts are recognised. */
  isConfigured(config: Context['config']): boolean;
  /** @throws Refused if the post is not the provider's, too old, or not readable at all */
  read(request: HookRequest, tools: HookTools): Promise<HookContent>;
}

/** A post that is not taken, and the HTTP status that says so. The message is for the log and the provider's console. */
export class Refused extends Error {
  readonly status: 400 | 401;

  constructor(message: string, status: 400 | 401 = 401) {
    super(message);
    this.status = status;
  }
}

/** @throws Refused if a time is further from now than the minutes, or none */
export function refuseOld(at: Date, now: Date, minutes = 15): void {
  const apart = Math.abs(at.getTime() - now.getTime());
  if (!(apart <= minutes * 60_000)) throw new Refused('The signature is too old, or the clocks differ.');
}

/** The body as JSON. @throws Refused if it is none */
export function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new Refused('The body is not JSON.', 400);
  }
}

/**
 * Reads a list of events one by one: one that is broken is counted and stops no other.
 * @param read undefined for an event that is none of ours to record
 */
export function readEach(list: unknown[], read: (item: unknown) => FeedbackEvent | undefined): HookContent {
  const events: FeedbackEvent[] = [];
  let broken = 0;
  for (const item of list)
    try {
      const event = read(item);
      if (event) events.push(event);
    } catch {
      broken += 1;
    }
  return { events, broken };
}
