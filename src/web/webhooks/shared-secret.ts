import { sameSecret } from '../same-secret.ts';
import { type HookRequest, Refused } from './provider.ts';

/**
 * For providers that sign nothing: the post must bring the secret, as `Authorization: Bearer SECRET`, as the password or
 * the whole `user:password` of basic authentication, or as `X-Webhook-Secret`.
 * @throws Refused if it does not
 */
export function demandSecret(request: HookRequest, secret: string): void {
  const authorization = request.header('authorization') ?? '';
  const basic = /^Basic +([a-z0-9+/]+=*)$/i.exec(authorization)?.[1];
  const pair = basic ? Buffer.from(basic, 'base64').toString('utf8') : undefined;
  const given = [
    /^Bearer +(\S+)$/i.exec(authorization)?.[1],
    request.header('x-webhook-secret'),
    pair,
    pair?.slice(pair.indexOf(':') + 1),
  ];
  // All are compared, so that the time does not tell which one is nearest.
  const same = given.map((one) => one !== undefined && sameSecret(one, secret));
  if (!same.includes(true)) throw new Refused('The secret is missing or wrong.');
}
