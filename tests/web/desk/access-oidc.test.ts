import { expect, test } from 'vitest';
import { type OidcClaims, roleIn, userOfClaims } from '../../../src/access/oidc.ts';
import { createUser, editUser, findUserByEmail, setUserDisabled } from '../../../src/access/users.ts';
import { createTestContext } from '../../support/context.ts';
import { startDesk, type TestBrowser } from './access-site.ts';
import { startProvider } from './oidc-provider.ts';

async function start() {
  const provider = await startProvider();
  const site = await startDesk({
    publicUrl: 'http://localhost:8080',
    oidc: { ...provider.settings, issuer: provider.url },
  });
  /** To the provider and back, as a browser does. */
  const there = async (browser: TestBrowser, next = '') => {
    const { to } = await browser.get(`/desk/login/oidc?next=${encodeURIComponent(next)}`);
    const back = (await fetch(to ?? '', { redirect: 'manual' })).headers.get('location') ?? '';
    return { to: new URL(to ?? ''), back: new URL(back) };
  };
  const logIn = async (browser: TestBrowser, next?: string) => {
    const { back } = await there(browser, next);
    return browser.get(back.pathname + back.search);
  };
  return { provider, site, there, logIn };
}

test('a login service lets in whom it knows: by code, with PKCE, state and nonce', async () => {
  const { provider, site, there } = await start();
  const browser = site.browser();
  expect((await browser.get('/desk/login')).text).toContain('Log in with Example Login');
  const { to, back } = await there(browser, '/desk/editions');
  expect(Object.fromEntries(to.searchParams)).toMatchObject({
    response_type: 'code',
    client_id: 'broadsheet',
    code_challenge_method: 'S256',
    redirect_uri: 'http://localhost:8080/desk/login/oidc/callback',
  });
  const path = back.pathname + back.search;
  // Another browser does not come back in its place, and this one comes back once.
  expect((await site.browser().get(path)).status).toBe(403);
  expect(await browser.get(path)).toMatchObject({ status: 303, to: '/desk/editions' });
  expect((await browser.get('/desk/account')).text).toContain('editor@example.com');
  expect((await browser.get(path)).status).toBe(403);
  expect((await site.acts()).at(1)).toMatchObject({
    act: 'login',
    by: 'editor@example.com',
    details: { way: 'oidc' },
  });

  // From then on they are known by who they are there, whatever their address becomes.
  provider.claims = { sub: 'person-1', email: 'married@example.com', email_verified: false };
  const again = site.browser();
  const second = await there(again);
  expect((await again.get(second.back.pathname + second.back.search)).status).toBe(303);
  expect((await again.get('/desk/account')).text).toContain('editor@example.com');
});

test('an answer that is not as it has to be lets nobody in', async () => {
  const { provider, site, there, logIn } = await start();
  for (const fault of ['nonce', 'signature', 'audience', 'refuses'] as const) {
    provider.fault = fault;
    const browser = site.browser();
    expect(await logIn(browser), fault).toMatchObject({
      status: 403,
      text: expect.stringContaining('not finished'),
    });
    expect((await browser.get('/desk/account')).status).toBe(302);
  }
  provider.fault = undefined;
  const browser = site.browser();
  const { back } = await there(browser);
  back.searchParams.set('state', 'another');
  expect((await browser.get(back.pathname + back.search)).status).toBe(403);
  expect((await logIn(browser)).status).toBe(303);
});

test('an address is told by /userinfo where the token has none, and a service that is away is told of', async () => {
  const { provider, site, logIn } = await start();
  provider.claims = { sub: 'person-2' };
  provider.further = { email: 'viewer@example.com', email_verified: true };
  const browser = site.browser();
  expect((await logIn(browser)).status).toBe(303);
  expect((await browser.get('/desk/account')).text).toContain('viewer@example.com');

  const without = await startDesk({ oidc: { ...provider.settings, issuer: 'http://127.0.0.1:9' } });
  expect(await without.browser().get('/desk/login/oidc')).toMatchObject({
    status: 502,
    text: expect.stringContaining('cannot be reached'),
  });
  expect((await (await startDesk()).browser().get('/desk/login/oidc')).status).toBe(302);
});

const settings = {
  issuer: 'https://login.example.com',
  clientId: 'broadsheet',
  clientSecret: undefined,
  name: 'Example',
  scopes: 'openid email',
  allowedDomains: [] as string[],
  newUsers: 'editor' as const,
  roleClaim: undefined as string | undefined,
};
const claims = (fields: Partial<OidcClaims>): OidcClaims => ({ iss: settings.issuer, sub: 'one', ...fields });

test('who is let in: addresses that are vouched for, of known users or named domains', async () => {
  const context = await createTestContext();
  const known = await createUser(context, { email: 'ada@example.com', role: 'admin' });
  const open = { ...settings, allowedDomains: ['example.org'] };
  const refused = (reason: string) => expect.objectContaining({ refused: reason });
  expect(await userOfClaims(context, open, claims({ email: 'ada@example.com' }))).toEqual(
    refused('unverified'),
  );
  expect(
    await userOfClaims(context, open, claims({ email: 'ada@example.com', email_verified: false })),
  ).toEqual(refused('unverified'));
  expect(
    await userOfClaims(context, open, claims({ email: 'x@example.org', email_verified: false })),
  ).toEqual(refused('unverified'));
  expect(await userOfClaims(context, open, claims({ sub: 'two' }))).toEqual(refused('unverified'));
  const verified = { email_verified: true };
  for (const email of ['new@example.com', 'x@notexample.org', 'x@example.org.evil.com'])
    expect(await userOfClaims(context, open, claims({ email, ...verified })), email).toEqual(
      refused('unknown'),
    );
  expect(await userOfClaims(context, open, claims({ email: 'ADA@example.com', ...verified }))).toMatchObject({
    user: { id: known.id },
    made: false,
  });
  // A domain that is named vouches for its addresses, as some services say nothing of them.
  expect(
    await userOfClaims(context, open, claims({ sub: 'three', email: 'Bo@Example.org', name: 'Bo' })),
  ).toMatchObject({
    user: { email: 'Bo@example.org', name: 'Bo', role: 'editor' },
    made: true,
  });
  const bo = await findUserByEmail(context, 'bo@example.org');
  await setUserDisabled(context, bo?.id ?? 0, true);
  expect(await userOfClaims(context, open, claims({ sub: 'three', email: 'bo@example.org' }))).toEqual(
    refused('disabled'),
  );
});

test('roles come from a claim with each login, if one is named', async () => {
  expect(roleIn({ groups: ['staff', 'Broadsheet-Editor', 'viewer'] }, 'groups')).toBe('editor');
  expect(roleIn({ realm_access: { roles: ['broadsheet:admin'] } }, 'realm_access.roles')).toBe('admin');
  expect(roleIn({ 'https://x.example.com/role': 'viewer' }, 'https://x.example.com/role')).toBe('viewer');
  for (const groups of [undefined, [], ['superadmin'], { admin: true }, 7])
    expect(roleIn({ groups }, 'groups')).toBeUndefined();

  const context = await createTestContext();
  const byClaim = { ...settings, roleClaim: 'groups' };
  const login = (groups: string[]) =>
    userOfClaims(context, byClaim, claims({ email: 'ada@example.com', email_verified: true, groups }));
  expect(await login(['staff'])).toMatchObject({ refused: 'no-role' });
  expect(await login(['editor'])).toMatchObject({ user: { role: 'editor' }, made: true });
  expect(await login(['admin'])).toMatchObject({ user: { role: 'admin' }, made: false });
  // The last admin stays one; with another there, the service's word counts.
  expect(await login(['viewer'])).toMatchObject({ user: { role: 'admin' } });
  await createUser(context, { email: 'root@example.com', role: 'admin' });
  expect(await login(['viewer'])).toMatchObject({ user: { role: 'viewer' } });
  expect(await login([])).toMatchObject({ refused: 'no-role' });
  await editUser(context, (await findUserByEmail(context, 'ada@example.com'))?.id ?? 0, { role: 'editor' });
  expect(await login(['viewer'])).toMatchObject({ user: { role: 'viewer' } });
});
