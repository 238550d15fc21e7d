import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { TokenSource } from '../../src/delivery/smtp/authenticate.ts';
import { SmtpConnection } from '../../src/delivery/smtp/connection.ts';
import { parseSmtpUrl } from '../../src/delivery/smtp/server.ts';
import { type Script, startScripted } from '../support/scripted-smtp.ts';

// What one connection makes of servers that say no, or something else, or nothing, wherever they do it.

const patience = { connectMs: 200, answerMs: 200, messageMs: 200 };
const raw = (text = 'Subject: hello\r\n\r\nhello\r\n') => {
  const bytes = Buffer.from(text);
  return { raw: [bytes], size: bytes.length };
};
const message = (to = 'reader@example.com', text?: string) => ({
  from: 'news@example.com',
  to,
  ...raw(text),
});

async function open(url: string, wait = patience) {
  const server = { ...parseSmtpUrl(url), name: 'sender.example.com' };
  const connection = await SmtpConnection.open(server, wait, new TokenSource(undefined));
  onTestFinished(() => connection.destroy());
  return connection;
}

async function talk(script: Script) {
  const server = await startScripted(script);
  return { server, connection: await open(server.url) };
}

const cut = (_command: string, socket: { destroy(): unknown }) => void socket.destroy();
const half = (_command: string, socket: { write(text: string): unknown; destroy(): unknown }) => {
  socket.write('250 2.0.');
  setTimeout(() => socket.destroy(), 20);
  return undefined;
};
/** What a server may do instead of answering, and the words for it. */
const faults = {
  silence: [undefined, /did not answer in time/],
  '421': ['421 4.3.2 going down\r\n', /421 4\.3\.2 going down/],
  'a cut': [cut, /closed|reset|EPIPE/i],
  'half a line': [half, /closed|reset/i],
  garbage: ['HTTP/1.1 400 Bad Request\r\n', /does not speak SMTP: "HTTP/],
  'a line without end': ['250 '.padEnd(5000, 'x'), /line without end|speak SMTP/],
  'answers without end': ['250-more\r\n'.repeat(300), /answer without end/],
  'mixed codes': ['250-one\r\n550 two\r\n', /mixes answers: 250 and 550/],
} as const;

for (const [name, [answer, words]] of Object.entries(faults)) {
  test(`${name} instead of a greeting or of an answer to EHLO: the connection is not opened`, async () => {
    const greeting = await startScripted({ greeting: answer });
    await expect(open(greeting.url)).rejects.toThrow(words);
    const hello = await startScripted({ commands: { EHLO: answer } });
    await expect(open(hello.url)).rejects.toThrow(words);
  });

  for (const pipelining of [true, false])
    for (const verb of ['MAIL', 'RCPT', 'DATA'])
      test(`${name} instead of an answer to ${verb} (${pipelining ? '' : 'not '}pipelined): nothing was sent`, async () => {
        const { server, connection } = await talk({
          extensions: pipelining ? ['PIPELINING'] : [],
          commands: { [verb]: answer },
        });
        const outcome = await connection.send(message());
        expect(outcome).toMatchObject({ kind: 'route-failed', words: expect.stringMatching(words) });
        expect(connection.isUsable).toBe(false);
        expect(server.messages).toEqual([]);
        expect(connection.messages).toBe(0);
      });

  test(`${name} instead of an answer to the message: nobody knows, unless the server says so`, async () => {
    const { server, connection } = await talk({ message: answer });
    const outcome = await connection.send(message());
    if (name === '421')
      expect(outcome).toEqual({ kind: 'answered', code: 421, words: '421 4.3.2 going down' });
    else expect(outcome).toEqual({ kind: 'unanswered', words: expect.stringMatching(words) });
    expect(server.messages).toHaveLength(1);
    expect(connection.isUsable).toBe(false);
    // And nothing more is sent over it.
    expect((await connection.send(message())).kind).toBe('route-failed');
    expect(server.messages).toHaveLength(1);
  });
}

test('a connection cut in the middle of a large message has delivered nothing', async () => {
  const { server, connection } = await talk({
    inData: (bytes, socket) => {
      if (bytes > 100_000) socket.destroy();
    },
  });
  const outcome = await connection.send(
    message('reader@example.com', `${'x'.repeat(70)}\r\n`.repeat(80_000)),
  );
  expect(outcome.kind).toBe('route-failed');
  expect(server.messages).toEqual([]);
});

test('a refusal in the middle of a large message is about it, and its end is not sent', async () => {
  const { server, connection } = await talk({
    inData: (bytes, socket) => {
      if (bytes < 100_000 || socket.isPaused()) return;
      socket.pause();
      socket.write('552 5.3.4 too much\r\n');
    },
  });
  const outcome = await connection.send(
    message('reader@example.com', `${'x'.repeat(70)}\r\n`.repeat(80_000)),
  );
  expect(outcome).toEqual({ kind: 'answered', code: 552, words: '552 5.3.4 too much' });
  expect(server.messages).toEqual([]);
});

test('a message of five megabytes arrives whole', async () => {
  const server = await startScripted();
  const connection = await open(server.url, { ...patience, messageMs: 10_000 });
  const text = Array.from({ length: 70_000 }, (_, line) => `${line} ${'y'.repeat(66)}\r\n`).join('');
  expect(await connection.send(message('reader@example.com', text))).toMatchObject({ code: 250 });
  expect(server.messages[0]?.equals(Buffer.from(text))).toBe(true);
});

for (const pipelining of [true, false]) {
  const how = pipelining ? 'pipelined' : 'one by one';
  const extensions = pipelining ? ['PIPELINING'] : [];

  test(`only the answer to RCPT is about the recipient, and the next one is not harmed (${how})`, async () => {
    const { server, connection } = await talk({
      extensions,
      commands: {
        RCPT: (command) => (command.includes('<no@') ? '550 5.1.1 no such mailbox\r\n' : '250 ok\r\n'),
        DATA: '354 go on\r\n',
      },
    });
    expect(await connection.send(message('no@example.com'))).toEqual({
      kind: 'answered',
      code: 550,
      words: '550 5.1.1 no such mailbox',
    });
    expect(await connection.send(message('yes@example.com'))).toMatchObject({ kind: 'answered', code: 250 });
    // A server that answered 354 without a recipient got an empty message, and no text.
    expect(server.messages.map(String)).toEqual([...(pipelining ? [''] : []), message().raw[0]?.toString()]);
    expect(server.heard.filter((command) => command === 'RSET')).toHaveLength(1);
  });

  test(`a refused sender is the route's trouble (${how})`, async () => {
    const { server, connection } = await talk({ extensions, commands: { MAIL: '550 5.7.1 not you\r\n' } });
    expect(await connection.send(message())).toEqual({
      kind: 'route-failed',
      code: 550,
      words: '550 5.7.1 not you',
    });
    expect(connection.isUsable).toBe(true);
    expect(server.messages.map(String).join('')).toBe('');
  });

  test(`DATA refused for a recipient who was taken is said of the message (${how})`, async () => {
    const { connection } = await talk({ extensions, commands: { DATA: '451 4.7.1 come back later\r\n' } });
    expect(await connection.send(message())).toEqual({
      kind: 'answered',
      code: 451,
      words: '451 4.7.1 come back later',
    });
  });
}

test('the next message is opened with the end of the one before, and sent without asking again', async () => {
  const { server, connection } = await talk({});
  const second = message('second@example.com');
  await connection.send(message('first@example.com'), second);
  await sleep(20);
  expect(server.heard.slice(-3)).toEqual([
    'MAIL FROM:<news@example.com>',
    'RCPT TO:<second@example.com>',
    'DATA',
  ]);
  expect(await connection.send(second)).toMatchObject({ kind: 'answered', code: 250 });
  expect(server.heard.filter((command) => command === 'DATA')).toHaveLength(2);
});

test('what was opened ahead and is not wanted costs the connection, and is never given another text', async () => {
  for (const other of [
    message('third@example.com'),
    { ...message('second@example.com'), from: 'else@example.com' },
  ]) {
    const { server, connection } = await talk({});
    await connection.send(message('first@example.com'), message('second@example.com'));
    expect(await connection.send(other)).toMatchObject({ kind: 'route-failed' });
    expect(connection.isUsable).toBe(false);
    await connection.quit();
    await sleep(20);
    expect(server.messages).toHaveLength(1);
    expect(server.heard).not.toContain('QUIT');
  }
});

test('opened ahead and then cut by the server: nothing of it was sent, so nothing is uncertain', async () => {
  const { server, connection } = await talk({
    commands: {
      DATA: (_command, socket) => {
        if (server.messages.length > 0) setTimeout(() => socket.destroy(), 20);
        return '354 go on\r\n';
      },
    },
  });
  const second = message('second@example.com');
  expect(await connection.send(message('first@example.com'), second)).toMatchObject({ code: 250 });
  await sleep(60);
  expect(connection.isUsable).toBe(false);
  expect(await connection.send(second)).toMatchObject({ kind: 'route-failed' });
  expect(server.messages).toHaveLength(1);
});

test('an answer counts although garbage comes right behind it', async () => {
  const { connection } = await talk({ message: '250 2.0.0 kept\r\nHTTP/1.1 400 Bad Request\r\n' });
  expect(await connection.send(message(), message('second@example.com'))).toEqual({
    kind: 'answered',
    code: 250,
    words: '250 2.0.0 kept',
  });
  expect(connection.isUsable).toBe(false);
});

test('a 421 that nobody asked for, and anything else unasked, ends an idle connection', async () => {
  for (const unasked of ['421 4.4.2 idle too long\r\n', '250 what?\r\n']) {
    const { connection } = await talk({
      message: (_command, socket) => {
        setTimeout(() => socket.write(unasked), 20);
        return '250 ok\r\n';
      },
    });
    expect(await connection.send(message())).toMatchObject({ code: 250 });
    expect(connection.isUsable).toBe(true);
    await sleep(60);
    expect(connection.isUsable).toBe(false);
  }
});

test('answers of several lines with enhanced codes are one sentence; odd bytes in them do no harm', async () => {
  const { connection } = await talk({
    commands: {
      RCPT: '550-5.7.1 Your mail looks\r\n550-5.7.1 like spam.\r\n550 5.7.1 See https://help.example.com\r\n',
    },
    message: '554 5.0.0 line\u2028separator \u0000 and \r in it\r\r\n',
  });
  expect(await connection.send(message())).toMatchObject({
    code: 550,
    words: '550 5.7.1 Your mail looks like spam. See https://help.example.com',
  });
  const other = await talk({ message: '554 5.0.0 line\u2028separator \u0000 and \r in it\r\r\n' });
  expect(await other.connection.send(message())).toMatchObject({ kind: 'answered', code: 554 });
});

test('an answer whose character comes in two packets is read whole', async () => {
  const bytes = Buffer.from('250 merci à toi\r\n');
  const at = bytes.indexOf(0xc3) + 1;
  const { connection } = await talk({
    message: (_command, socket) => {
      socket.write(bytes.subarray(0, at));
      setTimeout(() => socket.write(bytes.subarray(at)), 20);
      return undefined;
    },
  });
  expect(await connection.send(message())).toMatchObject({ words: '250 merci à toi' });
});

test('a server of the time before EHLO gets HELO, and commands one by one', async () => {
  const { server, connection } = await talk({ commands: { EHLO: '502 5.5.1 what?\r\n' } });
  expect(await connection.send(message())).toMatchObject({ code: 250 });
  expect(server.heard.slice(0, 3)).toEqual([
    'EHLO sender.example.com',
    'HELO sender.example.com',
    'MAIL FROM:<news@example.com>',
  ]);
});

test('a message larger than the server takes is told so without sending it', async () => {
  const { server, connection } = await talk({ extensions: ['PIPELINING', 'SIZE 20'] });
  expect(await connection.send(message())).toEqual({
    kind: 'answered',
    code: 552,
    words: `552 5.3.4 the message has ${message().size} bytes, and the server takes 20`,
  });
  expect(server.heard).toHaveLength(1);
  const unlimited = await talk({ extensions: ['SIZE 0', '8BITMIME'] });
  expect(await unlimited.connection.send(message())).toMatchObject({ code: 250 });
  expect(unlimited.server.heard).toContain(
    `MAIL FROM:<news@example.com> SIZE=${message().size} BODY=8BITMIME`,
  );
});

test('addresses beyond ASCII go where SMTPUTF8 is, and are refused elsewhere', async () => {
  const with8 = await talk({ extensions: ['PIPELINING', 'SMTPUTF8'] });
  expect(await with8.connection.send(message('jürgen@example.com'))).toMatchObject({ code: 250 });
  expect(with8.server.heard).toContain('MAIL FROM:<news@example.com> SMTPUTF8');
  expect(with8.server.heard).toContain('RCPT TO:<jürgen@example.com>');
  const without = await talk({});
  expect(await without.connection.send(message('jürgen@example.com'))).toMatchObject({
    kind: 'answered',
    code: 553,
    words: expect.stringContaining('5.6.7'),
  });
  expect(without.server.heard).toHaveLength(1);
});

test('no address can bring a command of its own', async () => {
  const { server, connection } = await talk({});
  for (const to of [
    'a@example.com>\r\nRCPT TO:<b@example.com',
    'a@example.com\nDATA',
    'a@exam\0ple.com',
    'a b@example.com',
    '<a@example.com>',
    'a\u0085b@example.com\u007f',
    '',
    `${'a'.repeat(400)}@example.com`,
  ]) {
    expect(await connection.send(message(to))).toMatchObject({ kind: 'answered', code: 553 });
    expect(await connection.send({ ...message(), from: `${to}\r\n` })).toMatchObject({
      kind: 'route-failed',
    });
  }
  expect(server.heard).toEqual(['EHLO sender.example.com']);
});

test('where nobody listens is told in words', async () => {
  await expect(open('smtp://127.0.0.1:1')).rejects.toThrow(/ECONNREFUSED/);
});
