import { messageOf } from '../errors.ts';
import { TokenSource } from './smtp/authenticate.ts';
import { SmtpError } from './smtp/connect.ts';
import { type Message, type Patience, SmtpConnection } from './smtp/connection.ts';
import type { Envelope } from './smtp/outgoing.ts';
import { parseSmtpUrl } from './smtp/server.ts';
import type { Outcome } from './verdict.ts';

/** Something that takes one message at a time: an SMTP connection, or a transport of another kind. */
export interface Carrier {
  /** Whether another message may be tried with it. */
  readonly isUsable: boolean;
  /** How many messages it has taken or refused. */
  readonly messages: number;
  /** Hands over one message; never throws. @param ahead what will probably come next */
  send(message: Message, ahead?: Envelope & { size: number }): Promise<Outcome>;
  quit(): Promise<void>;
  destroy(): void;
}

/** What limits a route keeps to, for itself and for groups of recipient domains. */
export interface Throttle {
  /** Milliseconds until the route may take another message; 0 if it may now. */
  wait(): number;
  /** The group that an address's domain belongs to: its mail provider, or the domain itself. */
  groupOf(address: string): string;
  /**
   * Takes the right to one message to a group.
   * @returns 0, or the milliseconds after which to ask again; infinity: now only other processes have it
   */
  take(group: string): number;
  /** A message for which the right was taken is no longer on its way. */
  release(group: string): void;
  /** How many carriers this process may have open now. @param most how many it would have */
  connections(most: number): number;
  /** A message was answered, or the route failed: limits learn from it. */
  answered(group: string, outcome: Outcome): void;
}

/** A way out for the mail of editions. */
export interface Route {
  /** How it is called in messages to people, without a password: `mail.example.com:587`. */
  describe: string;
  /** Carriers open at a time by this process: what can be uncertain after a crash. */
  connections: number;
  /** After so many messages a carrier is closed and another opened. */
  messagesPerConnection: number;
  /** Its share beside other routes that have one; undefined: it takes what comes. */
  weight?: number;
  /** It serves only newsletters that write from this domain, or go to this list. */
  only?: { fromDomain?: string; listId?: number };
  throttle?: Throttle;
  /** @throws SmtpError in the server's words */
  open(): Promise<Carrier>;
}

/** What an edition's mail is, for choosing its routes. */
export interface RouteUse {
  fromDomain: string;
  listIds: number[];
}

/** The routes that an edition's mail takes: those made for its domain or lists, else those made for all mail. */
export function servesBest<Each extends Pick<Route, 'only'>>(
  routes: Each[],
  { fromDomain, listIds }: RouteUse,
): Each[] {
  const own = routes.filter(
    ({ only }) =>
      only &&
      (only.fromDomain === undefined || only.fromDomain.toLowerCase() === fromDomain.toLowerCase()) &&
      (only.listId === undefined || listIds.includes(only.listId)),
  );
  return own.length > 0 ? own : routes.filter(({ only }) => !only);
}

/** How long servers of routes may be silent. */
export const usualPatience: Patience = { connectMs: 30_000, answerMs: 120_000, messageMs: 600_000 };

/** A route to the server that an SMTP URL names. @throws UserError if the URL is wrong */
export function smtpRoute(
  url: string,
  more: Omit<Route, 'describe' | 'open' | 'messagesPerConnection'> & { messagesPerConnection?: number },
  patience: Patience = usualPatience,
): Route {
  const server = parseSmtpUrl(url);
  const token = new TokenSource(server.login);
  return {
    describe: server.describe,
    messagesPerConnection: Number.POSITIVE_INFINITY,
    ...more,
    open: () => SmtpConnection.open(server, patience, token),
  };
}

/** The words, and the server's code if there is one, of why a route could not be opened. */
export function routeTrouble(error: unknown): Outcome & { kind: 'route-failed' } {
  const code = error instanceof SmtpError ? error.code : undefined;
  return { kind: 'route-failed', words: messageOf(error), ...(code !== undefined && { code }) };
}
