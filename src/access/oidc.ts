import * as openid from 'openid-client';
import type { OidcSettings } from '../config.ts';
import type { Context } from '../context.ts';
import { UserError } from '../errors.ts';
import { parseAddress } from '../subscribers/address.ts';
import { isRole, type Role, roles } from './roles.ts';
import { createUser, editUser, findUserByEmail, getUser, type UserDetails } from './users.ts';

const timeoutSeconds = 10;
const keptMs = 3_600_000;

/** What the way to the provider and back has to bring along. */
export interface OidcWay {
  state: string;
  nonce: string;
  verifier: string;
}

/** What the provider says of someone. */
export interface OidcClaims {
  iss: string;
  sub: string;
  email?: unknown;
  email_verified?: unknown;
  name?: unknown;
  [claim: string]: unknown;
}

/** An OpenID provider, asked by the code flow with PKCE, state and nonce. */
export class OidcProvider {
  readonly #settings: OidcSettings;
  readonly #callback: string;
  #found: { configuration: Promise<openid.Configuration>; at: number } | undefined;

  /** @param publicUrl where browsers reach this server */
  constructor(settings: OidcSettings, publicUrl: string) {
    this.#settings = settings;
    this.#callback = `${publicUrl}/desk/login/oidc/callback`;
  }

  /** Where to send a browser, and what to remember until it is back. @throws if the provider cannot be asked */
  async begin(): Promise<OidcWay & { url: string }> {
    const configuration = await this.#configuration();
    const way = {
      state: openid.randomState(),
      nonce: openid.randomNonce(),
      verifier: openid.randomPKCECodeVerifier(),
    };
    const url = openid.buildAuthorizationUrl(configuration, {
      redirect_uri: this.#callback,
      scope: this.#settings.scopes,
      code_challenge: await openid.calculatePKCECodeChallenge(way.verifier),
      code_challenge_method: 'S256',
      state: way.state,
      nonce: way.nonce,
    });
    return { ...way, url: url.href };
  }

  /**
   * Takes a browser that came back.
   * @param query what the provider added to the address, such as `?code=…`
   * @throws if it refused, or anything of its answer is not as it has to be
   */
  async finish(query: string, { state, nonce, verifier }: OidcWay): Promise<OidcClaims> {
    const configuration = await this.#configuration();
    const tokens = await openid.authorizationCodeGrant(configuration, new URL(this.#callback + query), {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
      idTokenExpected: true,
    });
    const claims = tokens.claims();
    if (!claims) throw new Error('the provider sent no identity');
    if (typeof claims.email === 'string') return claims;
    // Some tell the address only when they are asked for it.
    const further = await openid.fetchUserInfo(configuration, tokens.access_token, claims.sub);
    return { ...further, ...claims };
  }

  async #configuration(): Promise<openid.Configuration> {
    const found = this.#found;
    if (found && Date.now() - found.at < keptMs) return found.configuration;
    const { issuer, clientId, clientSecret } = this.#settings;
    const configuration = openid.discovery(
      new URL(issuer),
      clientId,
      clientSecret,
      clientSecret === undefined ? openid.None() : undefined,
      {
        timeout: timeoutSeconds,
        // Signatures are looked at, though the tokens come straight from the provider.
        execute: [
          openid.enableNonRepudiationChecks,
          ...(new URL(issuer).protocol === 'http:' ? [openid.allowInsecureRequests] : []),
        ],
      },
    );
    this.#found = { configuration, at: Date.now() };
    // It is asked anew if it could not be had.
    configuration.catch(() => {
      this.#found = undefined;
    });
    return configuration;
  }
}

/** Why someone whom the provider knows is not let in. */
export type OidcRefusal = 'unverified' | 'unknown' | 'disabled' | 'no-role';

/**
 * The user that someone at the provider is: known from before, or by an address that the provider vouches for, or made now,
 * if the settings let their domain or role in. With OIDC_ROLE_CLAIM their role is what the claim says.
 */
export async function userOfClaims(
  context: Pick<Context, 'db' | 'clock'>,
  settings: OidcSettings,
  claims: OidcClaims,
): Promise<{ user: UserDetails; made: boolean } | { refused: OidcRefusal; email: string | undefined }> {
  const address = addressOf(claims, settings);
  const email = address ?? (typeof claims.email === 'string' ? claims.email.slice(0, 254) : undefined);
  const refuse = (refused: OidcRefusal) => ({ refused, email });
  const role = settings.roleClaim === undefined ? undefined : roleIn(claims, settings.roleClaim);
  if (settings.roleClaim !== undefined && role === undefined) return refuse('no-role');

  const identity = await context.db
    .selectFrom('user_identities')
    .select('user_id')
    .where('issuer', '=', claims.iss)
    .where('subject', '=', claims.sub)
    .executeTakeFirst();
  if (!identity && address === undefined) return refuse('unverified');
  const known = identity
    ? await getUser(context, identity.user_id)
    : await findUserByEmail(context, address ?? '');
  if (known?.disabledAt) return refuse('disabled');
  const isAllowed = settings.allowedDomains.includes(domainOf(address ?? ''));
  if (!known && !isAllowed && (role === undefined || settings.allowedDomains.length > 0))
    return refuse('unknown');

  const user =
    known ??
    (await createUser(context, {
      email: address ?? '',
      name: typeof claims.name === 'string' ? claims.name : '',
      role: role ?? settings.newUsers,
    }));
  if (!identity)
    await context.db
      .insertInto('user_identities')
      .values({ issuer: claims.iss, subject: claims.sub, user_id: user.id, created_at: context.clock.now() })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  return {
    user: role === undefined || user.role === role ? user : await withRole(context, user, role),
    made: !known,
  };
}

/** The last admin stays one, whatever the provider says: else nobody could make another. */
async function withRole(
  context: Pick<Context, 'db' | 'clock'>,
  user: UserDetails,
  role: Role,
): Promise<UserDetails> {
  try {
    return await editUser(context, user.id, { role });
  } catch (error) {
    if (error instanceof UserError && error.code === 'last-admin') return user;
    throw error;
  }
}

/** The address that the provider vouches for. One that says nothing of it is believed for the domains that are named. */
function addressOf(claims: OidcClaims, settings: OidcSettings): string | undefined {
  if (typeof claims.email !== 'string') return undefined;
  try {
    const { email } = parseAddress(claims.email);
    const isVouchedFor =
      claims.email_verified === true ||
      (claims.email_verified === undefined && settings.allowedDomains.includes(domainOf(email)));
    return isVouchedFor ? email : undefined;
  } catch {
    return undefined;
  }
}

const domainOf = (email: string) => email.slice(email.lastIndexOf('@') + 1).toLowerCase();

/** The highest role that a claim names. @param name of the claim; dots lead into it, as in `realm_access.roles` */
export function roleIn(claims: Record<string, unknown>, name: string): Role | undefined {
  let value: unknown = claims[name];
  if (value === undefined) {
    value = claims;
    for (const part of name.split('.'))
      value =
        typeof value === 'object' && value !== null && Object.hasOwn(value, part)
          ? (value as Record<string, unknown>)[part]
          : undefined;
  }
  const held = (Array.isArray(value) ? value : [value])
    .filter((each) => typeof each === 'string')
    .map((each) => each.toLowerCase().replace(/^broadsheet[-:_/]/, ''))
    .filter(isRole);
  return roles.findLast((role) => held.includes(role));
}
