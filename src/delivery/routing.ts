import type { Context } from '../context.ts';
import { MailProviders, type MxLookup } from './mail-provider.ts';
import { type OtherTransport, otherTransport, TransportCarrier } from './other-transport.ts';
import { type Route, smtpRoute } from './route.ts';
import { limitsOf, listGroupLimits, listRoutes, type RouteSettings } from './routes.ts';
import { SharedThrottle } from './throttle.ts';

/** The routes of a process, each with its limits. */
export interface Routing {
  routes: Route[];
  /** Differs when routes have come, gone or changed, so that others are to be opened. */
  version: string;
  /** Limits that were changed hold from now on. @returns the version as it is now in the database */
  refresh(): Promise<string>;
  close(): Promise<void>;
}

/** What a process knows about its ways out beyond the database. */
export interface RoutingOptions {
  /** Where mail goes while there are no routes: SMTP_URL, or the embedded inbox. */
  url: string;
  /** A UUID, made anew by each process. */
  worker: string;
  lookup?: MxLookup;
}

// A process opens no more to one route, whatever the route's own limit is.
const mostConnections = 500;

/** Opens the routes that are set up and switched on, or the way of SMTP_URL while none are set up. */
export async function openRouting(context: Context, options: RoutingOptions): Promise<Routing> {
  const { config } = context;
  const providers = new MailProviders(options.lookup);
  const read = async () => {
    const [all, groups] = await Promise.all([listRoutes(context), listGroupLimits(context)]);
    // Whoever switches off the last one wants no mail to leave by another.
    const routes = all.length > 0 ? all.filter(({ active }) => active) : [defaultRoute(context, options.url)];
    return { routes, groups };
  };
  const { routes: settings, groups } = await read();
  const opened = await Promise.all(
    settings.map(async (each) => {
      const throttle = new SharedThrottle(context, each.name, limitsOf(each, groups), {
        providers,
        worker: options.worker,
      });
      const transporter = await otherTransport(each.url);
      const route = routeOf(each, throttle, config.smtpConnections, transporter);
      return { name: each.name, throttle, route, transporter };
    }),
  );
  return {
    routes: opened.map(({ route }) => route),
    version: versionOf(settings),
    async refresh() {
      const now = await read();
      for (const { name, throttle } of opened) {
        const changed = now.routes.find((each) => each.name === name);
        if (changed) throttle.limits = limitsOf(changed, now.groups);
      }
      return versionOf(now.routes);
    },
    async close() {
      await Promise.all(opened.map(({ throttle }) => throttle.close()));
      for (const { transporter } of opened) transporter?.close();
    },
  };
}

function routeOf(
  { url, weight, fromDomain, listId, connections, messagesPerConnection, name }: RouteSettings,
  throttle: SharedThrottle,
  usualConnections: number,
  transporter: OtherTransport | undefined,
): Route {
  const only = {
    ...(fromDomain !== null && { fromDomain }),
    ...(listId !== null && { listId }),
  };
  const more = {
    connections: Math.min(mostConnections, connections ?? usualConnections),
    ...(messagesPerConnection && { messagesPerConnection }),
    ...(weight !== null && { weight }),
    ...(Object.keys(only).length > 0 && { only }),
    throttle,
  };
  if (transporter)
    return {
      messagesPerConnection: Number.POSITIVE_INFINITY,
      ...more,
      describe: name === 'default' ? url : `${name} (${url})`,
      open: async () => new TransportCarrier(transporter),
    };
  const route = smtpRoute(url, more);
  return name === 'default' ? route : { ...route, describe: `${name} (${route.describe})` };
}

function defaultRoute({ config }: Context, url: string): RouteSettings {
  return {
    id: null,
    name: 'default',
    url,
    weight: null,
    fromDomain: null,
    listId: null,
    connections: null,
    messagesPerConnection: config.smtpMessagesPerConnection ?? null,
    perSecond: config.smtpPerSecond ?? null,
    perDay: config.smtpPerDay ?? null,
    warmUp: null,
    active: true,
  };
}

/** What the opened routes depend on; limits aside, which may change while they are open. */
const versionOf = (routes: RouteSettings[]) =>
  JSON.stringify(
    routes.map(({ name, url, weight, fromDomain, listId, connections, messagesPerConnection }) => [
      name,
      url,
      weight,
      fromDomain,
      listId,
      connections,
      messagesPerConnection,
    ]),
  );
