import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { expect, onTestFinished, test } from 'vitest';
import { TokenSource } from '../../src/delivery/smtp/authenticate.ts';
import { SmtpConnection } from '../../src/delivery/smtp/connection.ts';
import { parseSmtpUrl, type SmtpServer } from '../../src/delivery/smtp/server.ts';
import { startScripted } from '../support/scripted-smtp.ts';

// Certificates, passwords and tokens against a real server with TLS.

const fixture = (name: string) => readFileSync(join(import.meta.dirname, '../support/tls', name), 'utf8');
const certificate = { key: fixture('key.pem'), cert: fixture('certificate.pem') };
const patience = { connectMs: 1000, answerMs: 1000, messageMs: 1000 };
const body = Buffer.from('Subject: hello\r\n\r\nhello\r\n');
const message = { from: 'news@example.com', to: 'reader@example.com', raw: [body], size: body.length };
const trusted = (server: SmtpServer): SmtpServer => ({
  ...server,
  tlsOptions: { ...server.tlsOptions, ca: certificate.cert },
});

/** What a server with a certificate got: messages with who was logged in, and whether by TLS. */
async function startSecure(options: SMTPServerOptions = {}) {
  const got: { user: unknown; secure: boolean }[] = [];
  const tried: { method: string; user?: string; password?: string; token?: string; secure: boolean }[] = [];
  const server = new SMTPServer({
    ...certificate,
    authOptional: true,
    disableReverseLookup: true,
    logger: false,
    closeTimeout: 50,
    authMethods: ['PLAIN', 'LOGIN', 'XOAUTH2'],
    onAuth(auth, session, answer) {
      const { method, username, password, accessToken } = auth;
      tried.push({
        method,
        ...(username && { user: username }),
        ...(password && { password }),
        ...(accessToken && { token: accessToken }),
        secure: session.secure,
      });
      if (password === 'right, ünlike' || accessToken === 'fresh') return answer(null, { user: username });
      if (method === 'XOAUTH2') return answer(null, { data: { status: '401', schemes: 'bearer' } });
      answer(Object.assign(new Error('5.7.8 wrong password'), { responseCode: 535 }));
    },
    onData(stream, session, answer) {
      stream.resume();
      stream.on('end', () => {
        got.push({ user: session.user, secure: session.secure });
        answer(null, 'kept');
      });
    },
    ...options,
  });
  server.on('error', () => {});
  const listener = server.listen(0, '127.0.0.1');
  await new Promise((resolve) => listener.once('listening', resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const { port } = listener.address() as AddressInfo;
  return { at: `127.0.0.1:${port}`, got, tried };
}

async function open(server: SmtpServer, token = new TokenSource(server.login)) {
  const connection = await SmtpConnection.open(server, patience, token);
  onTestFinished(() => connection.destroy());
  return connection;
}

const openUrl = (url: string) => open(trusted(parseSmtpUrl(url)));

test('STARTTLS is used where it is offered, and where it is required; implicit TLS from the first byte', async () => {
  const server = await startSecure();
  for (const url of [`smtp://${server.at}`, `smtp://${server.at}?requireTLS=true`]) {
    const connection = await openUrl(url);
    expect(connection.isSecure).toBe(true);
    expect(await connection.send(message)).toMatchObject({ kind: 'answered', code: 250 });
  }
  const implicit = await startSecure({ secure: true });
  const connection = await openUrl(`smtps://${implicit.at}`);
  expect(await connection.send(message)).toMatchObject({ kind: 'answered', code: 250 });
  expect([...server.got, ...implicit.got].map(({ secure }) => secure)).toEqual([true, true, true]);
});

test('ignoreTLS goes in the clear; required TLS that is not offered ends it before anything is said', async () => {
  const server = await startSecure();
  const connection = await openUrl(`smtp://${server.at}?ignoreTLS=true`);
  expect(connection.isSecure).toBe(false);
  const plain = await startScripted();
  await expect(openUrl(`${plain.url}?requireTLS=true`)).rejects.toThrow(
    'the server offers no STARTTLS, and it is required',
  );
  expect(plain.heard).toHaveLength(1);
});

test('a certificate that nobody vouches for is refused with what to do, by STARTTLS and from the first byte', async () => {
  const server = await startSecure();
  const implicit = await startSecure({ secure: true });
  for (const url of [`smtp://${server.at}`, `smtps://${implicit.at}`]) {
    await expect(open(parseSmtpUrl(url))).rejects.toThrow(
      /not trusted \(self-signed certificate\): .*NODE_EXTRA_CA_CERTS.*tls\.rejectUnauthorized=false/,
    );
    const connection = await open(parseSmtpUrl(`${url}?tls.rejectUnauthorized=false`));
    expect(await connection.send(message)).toMatchObject({ code: 250 });
  }
  expect([...server.got, ...implicit.got]).toHaveLength(2);
});

test('a certificate for another name is refused, unless the URL names it', async () => {
  const server = await startSecure();
  const asked = parseSmtpUrl(`smtp://localhost:${server.at.split(':')[1]}`);
  await expect(open(trusted(asked))).rejects.toThrow(/for another name .*tls\.servername=NAME/);
  // The address is what the certificate is for.
  expect((await openUrl(`smtp://${server.at}`)).isSecure).toBe(true);
  expect(server.got).toEqual([]);
});

test('smtps:// to a port that speaks SMTP in the clear is told in words', async () => {
  const server = await startSecure();
  await expect(openUrl(`smtps://${server.at}`)).rejects.toThrow('write smtp:// instead of smtps://');
});

test('what somebody puts behind the answer to STARTTLS is not taken for the server’s (CVE-2011-0411)', async () => {
  for (const injected of ['250 injected\r\n', '250-inj', '250-AUTH PLAIN\r\n']) {
    const server = await startScripted({
      extensions: ['STARTTLS'],
      commands: { STARTTLS: `220 go on\r\n${injected}` },
    });
    const started = performance.now();
    await expect(openUrl(server.url)).rejects.toThrow('more came before TLS than the server may send');
    expect(performance.now() - started).toBeLessThan(900);
    expect(server.heard).toHaveLength(2);
  }
});

test('a server that refuses STARTTLS, or does not go on with it, is left', async () => {
  const refused = await startScripted({
    extensions: ['STARTTLS'],
    commands: { STARTTLS: '454 4.7.0 TLS not available\r\n' },
  });
  await expect(openUrl(refused.url)).rejects.toThrow('454 4.7.0 TLS not available');
  const silent = await startScripted({ extensions: ['STARTTLS'], commands: { STARTTLS: '220 go\r\n' } });
  await expect(openUrl(silent.url)).rejects.toThrow('it did not answer in time');
});

const password = encodeURIComponent('right, ünlike');

test('PLAIN and LOGIN bring user and password whole', async () => {
  const server = await startSecure();
  for (const method of ['', '&authMethod=PLAIN', '&authMethod=login']) {
    const connection = await openUrl(
      `smtp://post%40example.com:${password}@${server.at}?requireTLS=1${method}`,
    );
    expect(await connection.send(message)).toMatchObject({ code: 250 });
  }
  expect(server.tried.map(({ method }) => method)).toEqual(['PLAIN', 'PLAIN', 'LOGIN']);
  for (const each of server.tried)
    expect(each).toMatchObject({ user: 'post@example.com', password: 'right, ünlike', secure: true });
  expect(server.got.map(({ user }) => user)).toEqual(Array(3).fill('post@example.com'));
});

test('a wrong password, and a server without a common method, are told in the server’s words', async () => {
  const server = await startSecure();
  await expect(openUrl(`smtp://post:wrong@${server.at}`)).rejects.toMatchObject({
    code: 535,
    message: expect.stringContaining('wrong password'),
  });
  const other = await startScripted({ extensions: ['AUTH CRAM-MD5 GSSAPI'] });
  await expect(openUrl(other.url.replace('//', '//post:secret@'))).rejects.toThrow(
    'the server logs nobody in by password, only by CRAM-MD5, GSSAPI',
  );
  const none = await startScripted();
  await expect(openUrl(none.url.replace('//', '//post:secret@'))).rejects.toThrow('offers no log-in');
  expect([...other.heard, ...none.heard].filter((command) => command.startsWith('AUTH'))).toEqual([]);
});

test('a password goes to another machine by TLS only', async () => {
  expect(parseSmtpUrl('smtp://post:secret@mail.example.com').tls).toBe('required');
  expect(parseSmtpUrl('smtp://post:secret@192.0.2.7:587').tls).toBe('required');
  expect(parseSmtpUrl('smtp://post:secret@[::ffff:127.0.0.1]').tls).toBe('offered');
  // As to a server that is not this machine, and whose STARTTLS somebody in between has taken out.
  const server = await startScripted({ extensions: ['AUTH PLAIN LOGIN'] });
  const asked = parseSmtpUrl(server.url.replace('//', '//post:secret@'));
  await expect(open({ ...asked, tls: 'required' })).rejects.toThrow('offers no STARTTLS');
  expect(server.heard).toHaveLength(1);
});

/** A place that gives tokens, and what it was asked. */
async function startTokens(answers: { status?: number; body: unknown }[]) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      asked.push(text);
      const { status = 200, body: answer } = answers.shift() ?? { status: 500, body: {} };
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`, asked };
}

const oauthUrl = (at: string, tokens: string) =>
  `smtp://post@${at}?clientId=us&clientSecret=ours&refreshToken=renew%2Fme&accessUrl=${encodeURIComponent(tokens)}`;

test('XOAUTH2 asks for a token once for all connections, and for another when it is refused', async () => {
  const server = await startSecure();
  const tokens = await startTokens([
    { body: { access_token: 'stale', expires_in: 3600 } },
    { body: { access_token: 'fresh', expires_in: 3600 } },
  ]);
  const asked = trusted(parseSmtpUrl(oauthUrl(server.at, tokens.url)));
  const token = new TokenSource(asked.login);
  // The refusal comes as a 334 with a reason, and then as 535.
  await expect(open(asked, token)).rejects.toMatchObject({ code: 535 });
  const connections = await Promise.all([open(asked, token), open(asked, token), open(asked, token)]);
  expect(tokens.asked).toHaveLength(2);
  expect(Object.fromEntries(new URLSearchParams(tokens.asked[0]))).toEqual({
    grant_type: 'refresh_token',
    client_id: 'us',
    client_secret: 'ours',
    refresh_token: 'renew/me',
  });
  for (const connection of connections) expect(await connection.send(message)).toMatchObject({ code: 250 });
  expect(server.tried.map((each) => each.token)).toEqual(['stale', 'fresh', 'fresh', 'fresh']);
  expect(server.tried.every(({ secure, user }) => secure && user === 'post')).toBe(true);
});

test('a place that gives no token is told with its words, and nobody tries to log in', async () => {
  const server = await startSecure();
  const tokens = await startTokens([
    { status: 400, body: { error: 'invalid_grant', error_description: 'Token has been revoked.' } },
  ]);
  await expect(open(trusted(parseSmtpUrl(oauthUrl(server.at, tokens.url))))).rejects.toThrow(
    `${new URL(tokens.url).host} gives no access token: Token has been revoked.`,
  );
  expect(server.tried).toEqual([]);
});

test('a token that is about to run out is renewed before it is used', async () => {
  const tokens = await startTokens([
    { body: { access_token: 'one', expires_in: 1 } },
    { body: { access_token: 'two' } },
  ]);
  const { login } = parseSmtpUrl(oauthUrl('mail.example.com', tokens.url));
  const token = new TokenSource(login);
  expect(await Promise.all([token.current(), token.current()])).toEqual(['one', 'one']);
  // Half a minute at least, whatever the server says of itself.
  expect(await token.current()).toBe('one');
  token.refused();
  expect(await token.current()).toBe('two');
  expect(tokens.asked).toHaveLength(2);
});
