import { checkRouteName, listRoutes } from '../../delivery/routes.ts';
import { parseSmtpUrl } from '../../delivery/smtp/server.ts';
import { must } from './ask.ts';
import type { Script } from './run.ts';

const ways = [
  { value: 'smtp:587', label: 'STARTTLS', hint: 'port 587, as most providers have it' },
  { value: 'smtps:465', label: 'TLS from the beginning', hint: 'port 465' },
  { value: 'smtp:25', label: 'STARTTLS if it can', hint: 'port 25, a relay of your own' },
];
const number = (answer: string) => must(Number(answer) > 0, 'Give a number above zero.');

/** The questions of "routes create". */
export const routeScript: Script = async (ask, given, context, [named]) => {
  const taken = new Set((await listRoutes(context)).map((route) => route.name));
  const name =
    named ??
    (await ask.text('A short name for the route', {
      initial: taken.size === 0 ? 'main' : '',
      check: (answer) => {
        checkRouteName(answer);
        must(!taken.has(answer), `There is a route "${answer}" already.`);
      },
    }));
  const host = await ask.text('The mail server', {
    example: 'mail.example.com',
    check: (answer) => must(/^[\w.-]+$|^\[[\da-f:]+\]$/i.test(answer), 'Give its host name, without a port.'),
  });
  const way = await ask.one('How does it talk?', ways);
  const [scheme = 'smtp', usual = '587'] = way.split(':');
  const port = await ask.text('Its port', {
    initial: usual,
    check: (answer) =>
      must(/^\d+$/.test(answer) && +answer > 0 && +answer < 65_536, 'Give a number up to 65535.'),
  });
  const user = await ask.text('The name to log in with (Enter for none)', { optional: true });
  const password = user === '' ? '' : encodeURIComponent(await ask.secret('The password'));
  const url = `${scheme}://${user && `${encodeURIComponent(user)}:${password}@`}${host}:${port}`;
  const perSecond =
    given.perSecond === undefined
      ? await ask.text('Messages a second at the most (Enter for no limit)', {
          optional: true,
          check: number,
        })
      : '';
  const connections =
    given.connections === undefined
      ? await ask.text('Connections at a time at the most (Enter for the usual)', {
          optional: true,
          check: number,
        })
      : '';
  return {
    arguments: named === undefined ? [name, url] : [url],
    options: { '--per-second': perSecond, '--connections': connections },
    does: [
      `This makes the route ${name}, to ${parseSmtpUrl(url).describe}.`,
      taken.size === 0 ? 'Editions go out by it from then on.' : 'Editions go out by it, too, from then on.',
    ],
    secrets: password === '' ? {} : { [`:${password}@`]: ':PASSWORD@' },
  };
};
