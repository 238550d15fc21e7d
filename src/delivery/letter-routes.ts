import type { Context } from '../context.ts';
import { UserError } from '../errors.ts';
import { type OtherTransport, otherTransport, TransportCarrier } from './other-transport.ts';
import { servesBest, smtpRoute } from './route.ts';
import { listRoutes, type RouteSettings } from './routes.ts';
import type { Message } from './smtp/connection.ts';
import type { Outcome } from './verdict.ts';

const patience = { connectMs: 10_000, answerMs: 60_000, messageMs: 60_000 };

/**
 * A transport for mails to single people where there is no SMTP_URL: by the routes as they are when a mail goes, those for the sender's domain or else
 * those for all mail, one after the other until one takes it. Limits of routes are for editions and are not asked.
 * @param none what takes it while there are no routes at all
 */
export function letterRoutes(context: Pick<Context, 'db'>, none: OtherTransport): OtherTransport {
  return {
    async sendMail(mail) {
      const routes = await listRoutes(context);
      if (routes.length === 0) return none.sendMail(mail);
      const { from, to } = mail.envelope as { from: string; to: string[] };
      const raw = mail.raw as Buffer;
      let failure: unknown;
      for (const { url } of routesFor(routes, from)) {
        try {
          const outcome = await sendBy(url, { from, to: to[0] ?? '', raw: [raw], size: raw.length });
          const { kind, words } = outcome;
          if (kind === 'answered' && outcome.code < 300) return { response: words };
          failure = Object.assign(new Error(words), kind === 'answered' && { responseCode: outcome.code });
          // Another route is for what nobody took. After a verdict, or where one is not known, it would come twice or be asked twice.
          if (kind !== 'route-failed') break;
        } catch (error) {
          failure = error;
        }
      }
      throw failure;
    },
    close: () => none.close(),
  };
}

/** Sends one message on a connection of its own: letters are few, and one that was kept may be closed when the next comes. */
async function sendBy(url: string, message: Message): Promise<Outcome> {
  const other = await otherTransport(url);
  const carrier = other
    ? new TransportCarrier(other)
    : await smtpRoute(url, { connections: 1 }, patience).open();
  try {
    return await carrier.send(message);
  } finally {
    await carrier.quit();
    other?.close();
  }
}

/**
 * The routes that mails to single people may take, those with the greatest weight first.
 * @param from the sender's address
 * @throws UserError if there is none
 */
export function routesFor(routes: RouteSettings[], from: string): RouteSettings[] {
  const candidates = routes
    .filter(({ active }) => active)
    .map((route) => ({ route, ...(isForSome(route) && { only: onlyOf(route) }) }));
  const domain = from.slice(from.lastIndexOf('@') + 1);
  const best = servesBest(candidates, { fromDomain: domain, listIds: [] }).map(({ route }) => route);
  if (best.length > 0) return best.toSorted((one, other) => (other.weight ?? 0) - (one.weight ?? 0));
  throw new UserError(
    'No route takes mail to single people: they are switched off, or made for other mail.',
    {
      code: 'route',
      hint: 'Set SMTP_URL for it, or make a route without --from-domain and --list.',
    },
  );
}

/** Whether a route is made for a domain or list alone. */
export const isForSome = ({ fromDomain, listId }: Pick<RouteSettings, 'fromDomain' | 'listId'>) =>
  fromDomain !== null || listId !== null;

const onlyOf = ({ fromDomain, listId }: RouteSettings) => ({
  ...(fromDomain !== null && { fromDomain }),
  ...(listId !== null && { listId }),
});
