import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { onTestFinished } from 'vitest';

const clientId = 'broadsheet';
const clientSecret = 'a-secret-of-the-client';

interface Asked {
  nonce: string;
  challenge: string;
  redirectUri: string;
}

/** A small OpenID provider on a port of this machine, where whoever comes is logged in at once as `claims` says. */
export async function startProvider() {
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  const strangers = await generateKeyPair('RS256');
  const codes = new Map<string, Asked>();
  const provider = {
    url: '',
    /** Who logs in there. */
    claims: { sub: 'person-1', email: 'editor@example.com', email_verified: true } as JWTPayload,
    /** What only /userinfo says of them. */
    further: {} as Record<string, unknown>,
    /** What is wrong with its answers. */
    fault: undefined as 'nonce' | 'signature' | 'audience' | 'refuses' | undefined,
    settings: {
      clientId,
      clientSecret,
      name: 'Example Login',
      scopes: 'openid email profile',
      allowedDomains: [] as string[],
      newUsers: 'viewer' as const,
      roleClaim: undefined as string | undefined,
    },
  };
  const idToken = ({ nonce }: Asked) =>
    new SignJWT({ ...provider.claims, nonce: provider.fault === 'nonce' ? 'another' : nonce })
      .setProtectedHeader({ alg: 'RS256', kid: 'one' })
      .setIssuer(provider.url)
      .setAudience(provider.fault === 'audience' ? 'another client' : clientId)
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(provider.fault === 'signature' ? strangers.privateKey : privateKey);

  async function answer(request: IncomingMessage): Promise<{ json?: unknown; to?: string; status?: number }> {
    const { pathname, searchParams } = new URL(request.url ?? '/', provider.url);
    const issuer = provider.url;
    if (pathname === '/.well-known/openid-configuration')
      return {
        json: {
          issuer,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
          userinfo_endpoint: `${issuer}/userinfo`,
          jwks_uri: `${issuer}/jwks`,
          response_types_supported: ['code'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['RS256'],
        },
      };
    if (pathname === '/jwks')
      return { json: { keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256', use: 'sig' }] } };
    if (pathname === '/userinfo') return { json: { sub: provider.claims.sub, ...provider.further } };
    if (pathname === '/authorize') {
      const back = new URL(searchParams.get('redirect_uri') ?? '');
      back.searchParams.set('state', searchParams.get('state') ?? '');
      if (provider.fault === 'refuses') back.searchParams.set('error', 'access_denied');
      else {
        const code = randomBytes(8).toString('hex');
        codes.set(code, {
          nonce: searchParams.get('nonce') ?? '',
          challenge: searchParams.get('code_challenge') ?? '',
          redirectUri: searchParams.get('redirect_uri') ?? '',
        });
        back.searchParams.set('code', code);
      }
      return { to: back.href };
    }
    if (pathname !== '/token') return { status: 404 };
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    const asked = codes.get(form.get('code') ?? '');
    codes.delete(form.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const isRight =
      asked?.challenge === challenge &&
      asked.redirectUri === form.get('redirect_uri') &&
      form.get('client_id') === clientId &&
      form.get('client_secret') === clientSecret;
    if (!asked || !isRight) return { status: 400, json: { error: 'invalid_grant' } };
    return {
      json: {
        access_token: 'an-access-token',
        token_type: 'Bearer',
        expires_in: 300,
        id_token: await idToken(asked),
      },
    };
  }

  const server = createServer(async (request, response) => {
    const { json, to, status } = await answer(request);
    if (to) response.writeHead(302, { location: to }).end();
    else response.writeHead(status ?? 200, { 'content-type': 'application/json' }).end(JSON.stringify(json));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  provider.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return provider;
}
