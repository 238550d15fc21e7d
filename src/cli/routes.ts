import { type Command, InvalidArgumentError, Option } from 'commander';
import { describeUrl } from '../delivery/describe-url.ts';
import type { RouteChanges, RouteSettings } from '../delivery/routes.ts';
import { withContext } from './command.ts';
import { confirmDestructive, type DestructiveOptions, destructive } from './confirm.ts';
import { helpText } from './help.ts';
import { lazily } from './lazily.ts';
import { orAsk } from './wizards/or-ask.ts';

const {
  createRoute,
  editRoute,
  findRoute,
  listGroupLimits,
  listRoutes,
  removeRoute,
  setGroupLimit,
  testRoute,
} = lazily(() => import('../delivery/routes.ts'));

/** False: "none" was given. Commander would take a null for a value that is missing. */
type OrNone<T> = T | false;

const fields =
  '{ id, name, server, weight, fromDomain, listId, connections, messagesPerConnection, perSecond, perDay, warmUp, active }';

interface Options {
  url?: string;
  weight?: OrNone<number>;
  fromDomain?: OrNone<string>;
  list?: OrNone<string>;
  connections?: OrNone<number>;
  messagesPerConnection?: OrNone<number>;
  perSecond?: OrNone<number>;
  perDay?: OrNone<number>;
  warmUp?: OrNone<{ first: number; factor: number }>;
  active?: 'on' | 'off';
}

/** `broadsheet routes`: the ways out for editions. */
export function register(group: Command): void {
  withOptions(
    group
      .command('create')
      .description('make a route')
      .argument('[name]', 'its short name; asked for if not given')
      .argument('[url]', 'such as smtp://user:password@mail.example.com:587, or smtps://')
      .addHelpText(
        'after',
        helpText({
          json: fields,
          examples: [
            'routes create',
            'routes create main smtps://user:password@mail.example.com --connections 10',
            'routes create new-ip smtp://user:password@mail.example.net:587 --weight 1 --warm-up 500x1.5',
          ],
        }),
      ),
  ).action((name: string | undefined, url: string | undefined, options: Options, command: Command) => {
    if (name === undefined || url === undefined)
      return orAsk(
        command,
        'a name and the address of a mail server',
        async () => (await import('./wizards/route.ts')).routeScript,
      );
    return withContext(command, async (context, output) => {
      const route = await createRoute(context, name, { ...changesOf(options, context.clock.now()), url });
      output.text(`Made the route ${name}, to ${shown(route.url)}. Try it: broadsheet routes test ${name}`);
      output.result(withoutPassword(route));
    });
  });

  withOptions(
    group
      .command('edit')
      .description('change a route; "none" takes a limit away')
      .argument('<route>', 'its name or id')
      .option('--url <url>', 'another server')
      .addHelpText(
        'after',
        helpText({
          json: fields,
          examples: ['routes edit main --per-second 14', 'routes edit main --per-second none --active off'],
        }),
      ),
  ).action((name: string, options: Options, command: Command) =>
    withContext(command, async (context, output) => {
      const changes = changesOf(options, context.clock.now());
      const route = await editRoute(context, name, options.url ? { ...changes, url: options.url } : changes);
      output.text(`Changed the route ${route.name}. Workers follow within a few seconds.`);
      output.result(withoutPassword(route));
    }),
  );

  group
    .command('list')
    .description('show all routes')
    .addHelpText('after', helpText({ json: `[${fields}]`, examples: ['routes list'] }))
    .action((_options, command: Command) =>
      withContext(command, async (context, output) => {
        const routes = await listRoutes(context);
        output.table(
          routes.map((route) => ({
            id: route.id,
            name: route.name,
            server: shown(route.url),
            active: route.active ? 'yes' : 'no',
            'a second': route.perSecond ?? '',
            'a day': route.perDay ?? '',
            connections: route.connections ?? '',
            weight: route.weight ?? '',
            only: [route.fromDomain, route.listId && `list ${route.listId}`].filter(Boolean).join(', '),
          })),
          `There are no routes. Mail goes to ${context.config.smtpUrl ? 'the server of SMTP_URL' : 'the embedded inbox'}.`,
        );
        output.result(routes.map(withoutPassword));
      }),
    );

  group
    .command('show')
    .description('show one route and its limits')
    .addHelpText(
      'after',
      helpText({
        json: `${fields.slice(0, -2)},\n  limits: [{ route, recipients, perSecond, connections }] }`,
        examples: ['routes show main'],
      }),
    )
    .argument('<route>', 'its name or id')
    .action((name: string, _options, command: Command) =>
      withContext(command, async (context, output) => {
        const route = await findRoute(context, name);
        const limits = (await listGroupLimits(context)).filter((limit) =>
          ['', route.name].includes(limit.route),
        );
        output.text(
          `${route.name} (id ${route.id}): ${shown(route.url)}${route.active ? '' : ' (not active)'}`,
          ...Object.entries(withoutPassword(route))
            .filter(
              ([key, value]) => value !== null && !['id', 'name', 'active', 'server', 'warmUp'].includes(key),
            )
            .map(([key, value]) => `  ${key}: ${value}`),
          ...(route.warmUp
            ? [
                `  warm-up: ${route.warmUp.first} a day from ${route.warmUp.from}, each day ${route.warmUp.factor} times as many`,
              ]
            : []),
          ...limits.map(
            ({ recipients, perSecond, connections }) =>
              `  to ${recipients === '*' ? 'each provider' : recipients}: ${[
                perSecond && `${perSecond} a second`,
                connections && `${connections} connections`,
              ]
                .filter(Boolean)
                .join(', ')}`,
          ),
        );
        output.result({ ...withoutPassword(route), limits });
      }),
    );

  group
    .command('limit')
    .description('limit what goes to a mail provider or domain; without a number the limit is taken away')
    .argument('<recipients>', 'google, microsoft, yahoo, …, a domain, or * for each that is not named')
    .option('--route <route>', 'of this route only; every route if not given')
    .option('--per-second <number>', 'messages a second, of all processes together', number)
    .option('--connections <number>', 'messages on their way at a time, of all processes together', number)
    .addHelpText(
      'after',
      helpText({
        json: '{ route, recipients, perSecond, connections }',
        examples: [
          'routes limit google --per-second 20 --connections 5',
          "routes limit '*' --connections 10",
          'routes limit google',
        ],
      }),
    )
    .action(
      (
        recipients: string,
        options: { route?: string; perSecond?: number; connections?: number },
        command: Command,
      ) =>
        withContext(command, async (context, output) => {
          const limit = await setGroupLimit(context, {
            route: options.route ?? '',
            recipients,
            perSecond: options.perSecond ?? null,
            connections: options.connections ?? null,
          });
          output.text(
            limit.perSecond === null && limit.connections === null
              ? `There is no limit for ${recipients} any more.`
              : `Set the limit for ${recipients}.`,
          );
          output.result(limit);
        }),
    );

  group
    .command('test')
    .description('connect to a route’s server as sending does, and say what it can do')
    .addHelpText(
      'after',
      helpText({
        json: '{ server, secure, extensions, loggedIn }',
        examples: ['routes test', 'routes test main'],
      }),
    )
    .argument('[route]', 'its name or id; SMTP_URL if not given')
    .action((name: string | undefined, _options, command: Command) =>
      withContext(command, async (context, output) => {
        const url = name ? (await findRoute(context, name)).url : context.config.smtpUrl;
        if (!url) {
          output.text('No SMTP_URL is set: mail stays in the embedded inbox, which always works.');
          output.result({ server: null });
          return;
        }
        const test = await testRoute(url);
        const { pipelining, size, smtpUtf8, eightBit } = test.extensions;
        output.text(
          `${test.server} takes mail from us.`,
          `  encrypted: ${test.secure ? 'yes' : 'no'}; logged in: ${test.loggedIn ? 'yes' : 'no log-in is set'}`,
          `  pipelining: ${pipelining ? 'yes' : 'no, so it is slower'}; 8BITMIME: ${eightBit ? 'yes' : 'no'}; addresses beyond ASCII: ${smtpUtf8 ? 'yes' : 'no'}`,
          `  largest message: ${size ? `${size} bytes` : 'not told'}`,
        );
        output.result(test);
      }),
    );

  destructive(group.command('remove'))
    .description('remove a route')
    .argument('<route>', 'its name or id')
    .addHelpText(
      'after',
      helpText({
        json: '{ name, removed }',
        examples: ['routes remove main --dry-run', 'routes remove main --yes'],
      }),
    )
    .action((reference: string, options: DestructiveOptions, command: Command) =>
      withContext(command, async (context, output) => {
        const route = await findRoute(context, reference);
        const { id, name } = route;
        const left = (await listRoutes(context)).filter((each) => each.name !== name);
        const others = left.filter((each) => each.active);
        const isAgreed = await confirmDestructive(output, options, {
          what: `This removes the route ${name}, to ${shown(route.url)}, with its password and limits.`,
          effects: [
            others.length > 0
              ? `mail goes by ${others.map((each) => each.name).join(', ')} from then on`
              : left.length > 0
                ? 'no route is left that is switched on: editions are paused'
                : `mail goes ${context.config.smtpUrl ? 'to the server of SMTP_URL' : 'into the embedded inbox'} from then on`,
          ],
          instead: `To use it no more, and keep it: broadsheet routes edit ${name} --active off`,
          plan: { id, name },
        });
        if (!isAgreed) return;
        await removeRoute(context, name);
        output.text(`Removed the route ${name}.`);
        output.result({ name, removed: true });
      }),
    );
}

function withOptions(command: Command): Command {
  return command
    .option('--weight <number>', 'its share beside other routes that have one', orNone(number))
    .option('--from-domain <domain>', 'only for newsletters that write from this domain', orNone(String))
    .option('--list <list>', 'only for newsletters that go to this list', orNone(String))
    .option('--connections <number>', 'connections at a time, of all processes together', orNone(number))
    .option('--messages-per-connection <number>', 'then another connection is opened', orNone(number))
    .option('--per-second <number>', 'messages a second, of all processes together', orNone(number))
    .option('--per-day <number>', 'messages a day (UTC), of all processes together', orNone(number))
    .option('--warm-up <first>x<factor>', 'so many today, and each day more, such as 500x1.5', orNone(warmUp))
    .addOption(new Option('--active <on or off>', 'whether mail goes by it').choices(['on', 'off']));
}

function changesOf(options: Options, now: Date): RouteChanges {
  const { url: _url, active, warmUp: grows, ...rest } = options;
  const changes = Object.entries(rest).map(([key, value]) => [key, value === false ? null : value]);
  return {
    ...Object.fromEntries(changes),
    ...(active && { active: active === 'on' }),
    ...(grows !== undefined && {
      warmUp: grows ? { from: now.toISOString().slice(0, 10), ...grows } : null,
    }),
  };
}

const orNone =
  <T>(parse: (text: string) => T) =>
  (text: string): OrNone<T> =>
    text === 'none' ? false : parse(text);

function number(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('It takes a number above zero.');
  return value;
}

function warmUp(text: string): { first: number; factor: number } {
  const match = /^(\d+)x(\d+(?:\.\d+)?)$/.exec(text);
  if (!match) throw new InvalidArgumentError('It is written as 500x1.5.');
  return { first: Number(match[1]), factor: Number(match[2]) };
}

const shown = describeUrl;

const withoutPassword = ({ url, ...route }: RouteSettings) => ({ ...route, server: shown(url) });
