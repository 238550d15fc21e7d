import { expect, test } from 'vitest';
import { parseAddress } from '../../src/subscribers/address.ts';
import { notesOn } from '../../src/subscribers/address-notes.ts';
import { showSubscriber } from '../../src/subscribers/find.ts';
import { MailDomains, type MailResolver } from '../../src/subscribers/mail-domains.ts';
import { isSuppressed, suppress } from '../../src/subscribers/suppression.ts';
import { contextWithList, load, peopleOf } from '../support/imports.ts';

test('"add" puts newcomers on the list and leaves everybody else alone', async () => {
  const context = await contextWithList();
  await load(context, 'email,name\na@example.com,Anna');
  const result = await load(context, 'email,name\na@example.com,Other\nb@example.com,Bo', { mode: 'add' });
  expect(result).toMatchObject({ added: 1, updated: 0, unchanged: 1 });
  expect((await peopleOf(context)).map(({ name }) => name)).toEqual(['Anna', 'Bo']);
});

test('"update" changes who is known, and puts nobody on the list', async () => {
  const context = await contextWithList();
  await load(context, 'email,name,frequency\na@example.com,Anna,daily');
  const file = 'email,name,frequency\na@example.com,Anne,weekly\nb@example.com,Bo,';
  const result = await load(context, file, { mode: 'update', consent: undefined });
  expect(result).toMatchObject({ added: 0, updated: 1, passedOver: 1 });
  expect(result.notTaken).toMatchObject([
    { kind: 'passed over', line: 3, reason: 'nobody here has this address' },
  ]);
  expect(await peopleOf(context)).toMatchObject([{ name: 'Anne', frequency: 'weekly' }]);
});

test('"unsubscribe" ends subscriptions and keeps unknown addresses out', async () => {
  const context = await contextWithList();
  await load(context, 'email\na@example.com\nb@example.com');
  const file = 'email\na@example.com\nunknown@example.com';
  const options = { mode: 'unsubscribe', consent: 'Asked on the phone' } as const;
  expect(await load(context, file, options)).toMatchObject({ added: 1, updated: 1, unchanged: 0 });
  expect(await load(context, file, options)).toMatchObject({ added: 0, updated: 0, unchanged: 2 });
  const anna = await showSubscriber(context, 'a@example.com');
  expect(anna.subscriptions).toMatchObject([{ state: 'unsubscribed' }]);
  expect(anna.consent[0]).toMatchObject({ act: 'unsubscribed', via: 'import' });
  expect(await load(context, file)).toMatchObject({ added: 0, suppressed: 2 });
});

test('"suppress" and "unsubscribe" stop mail, each beside what stops it already', async () => {
  const context = await contextWithList();
  const options = { mode: 'suppress', list: undefined, consent: undefined } as const;
  expect(await load(context, 'email\na@example.com\nb@example.com', options)).toMatchObject({ added: 2 });
  const leave = { ...options, mode: 'unsubscribe' } as const;
  expect(await load(context, 'email\na@example.com', leave)).toMatchObject({ added: 1 });
  expect(await load(context, 'email\na@example.com', leave)).toMatchObject({ unchanged: 1 });
  const reasons = await context.db.selectFrom('suppressions').select('reason').orderBy('id').execute();
  expect(reasons.map(({ reason }) => reason)).toEqual(['manual', 'manual', 'unsubscribe']);
});

test('an opt-out from a file outlasts what stops the address for a while', async () => {
  const context = await contextWithList();
  const address = parseAddress('a@example.com');
  const soon = new Date(context.clock.now().getTime() + 86_400_000);
  await suppress(context, { address, reason: 'manual', expiresAt: soon });
  await load(context, 'email\na@example.com', { mode: 'unsubscribe', list: undefined });
  context.clock.advance(2 * 86_400_000);
  expect(await isSuppressed(context, address.hash)).toMatchObject({ reason: 'unsubscribe' });
  expect(await load(context, 'email\na@example.com')).toMatchObject({ added: 0, suppressed: 1 });
});

test('odd addresses are taken, and told', async () => {
  const context = await contextWithList();
  const file = 'email\nann@gmial.com\ninfo@example.com\nx@mailinator.com\nok@example.com';
  const result = await load(context, file);
  expect(result).toMatchObject({ added: 4, warnings: 3, badRows: 0 });
  expect(result.warned.map(({ line, reason }) => [line, reason])).toEqual([
    [2, 'did they mean ann@gmail.com?'],
    [3, 'the address belongs to a role (info), not to a person'],
    [4, 'the address is a throw-away one (mailinator.com)'],
  ]);
});

test.each([
  ...[
    'gmail.com',
    'mail7.test',
    'example.com',
    'gmx.de',
    'web.de',
    'mail.ru',
    'ymail.com',
    'posteo.de',
    'mail.com',
  ],
  ...['proton.me', 'hey.com', 'company.co', 'bbc.co.uk', 'uni-ulm.de', 'qq.com', '163.com', 'orange.fr'],
])('%s is not taken for a misspelling', (domain) => {
  expect(notesOn({ email: `ann@${domain}` })).toEqual([]);
});

test.each(['gmial.com', 'gmai.com', 'hotmial.com', 'yaho.com', 'outlok.com'])('%s is', (domain) => {
  expect(notesOn({ email: `ann@${domain}` })).toMatchObject([{ kind: 'typo' }]);
});

test('with the DNS asked, domains that take no mail are refused, each asked once', async () => {
  const context = await contextWithList();
  const asked: string[] = [];
  const none = (code: string) => Object.assign(new Error(code), { code });
  const resolver: MailResolver = {
    resolveMx: async (domain) => {
      asked.push(domain);
      if (domain === 'mx.test') return [{ exchange: 'in.mx.test', priority: 1 }];
      if (domain === 'null.test') return [{ exchange: '', priority: 0 }];
      throw none(domain === 'broken.test' ? 'ESERVFAIL' : 'ENOTFOUND');
    },
    resolve4: async (domain) => {
      if (domain === 'a.test') return ['192.0.2.1'];
      throw none('ENODATA');
    },
    resolve6: async () => {
      throw none('ENOTFOUND');
    },
  };
  const domains = ['mx.test', 'null.test', 'gone.test', 'a.test', 'broken.test'];
  const rows = domains.flatMap((domain) => [`x@${domain}`, `y@${domain}`]);
  const result = await load(context, ['email', ...rows].join('\n'), {
    checkMx: true,
    mailDomains: new MailDomains(resolver),
  });
  expect(asked.toSorted()).toEqual(domains.toSorted());
  expect(result).toMatchObject({ rows: 10, added: 6, badRows: 4 });
  expect(result.bad.map(({ row }) => row)).toEqual([
    'x@null.test',
    'y@null.test',
    'x@gone.test',
    'y@gone.test',
  ]);
});
