/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import { type AddressObject, type ParsedMail, simpleParser } from 'mailparser';
import type { Context } from '../../context.ts';
import type { Site } from '../app.tsx';
import { Message, Page, show } from '../page.tsx';
import { isFromThisMachine } from '../request.ts';

const pageSize = 50;
const longestSource = 512 * 1024;

/**
 * `/inbox`: the mail that was caught because no SMTP_URL is set. It shows everyone's mail, so only this machine sees
 * it, unless the program was started for a demonstration.
 */
export function inboxPages(context: Context, site: Site): Hono {
  const app = new Hono();

  app.use(async (c, next) => {
    const open = site.inbox === 'anyone' || isFromThisMachine(c);
    if (context.config.smtpUrl || !open) return c.notFound();
    await next();
  });

  app.get('/', async (c) => {
    const search = (c.req.query('search') ?? '').replaceAll('\0', '').trim().slice(0, 200);
    const before = idIn(c.req.query('before'));
    const after = idIn(c.req.query('after'));
    return show(c, <Listing {...(await listMails(context, { search, before, after }))} search={search} />);
  });

  app.get('/:id{\\d{1,15}}', async (c) => {
    const row = await mailOf(context, c.req.param('id'));
    if (!row) return show(c, <NoSuchMail />, 404);
    const mail = await simpleParser(row.raw);
    const wanted = views.find(({ view }) => view === c.req.query('view'))?.view;
    const view = wanted ?? (mail.html ? 'html' : 'text');
    return show(c, <Reading row={row} mail={mail} view={view} />);
  });

  app.get('/:id{\\d{1,15}}/html', async (c) => {
    const row = await mailOf(context, c.req.param('id'));
    if (!row) return c.text('There is no such mail.', 404);
    const { html } = await simpleParser(row.raw);
    c.header('Content-Security-Policy', mailPolicy);
    return c.html(opensLinksOutside(html || '<p>This mail has no HTML part.</p>'));
  });

  app.get('/:id{\\d{1,15}}/raw', async (c) => {
    const row = await mailOf(context, c.req.param('id'));
    if (!row) return c.text('There is no such mail.', 404);
    c.header('Content-Type', 'message/rfc822');
    c.header('Content-Disposition', `attachment; filename="message-${row.id}.eml"`);
    return c.body(new Uint8Array(row.raw));
  });
  return app;
}

/** A mail may show its pictures and styles; it runs nothing, sends nothing, and only our own page frames it. */
const mailPolicy = [
  "default-src 'none'",
  'img-src data: http: https:',
  "style-src 'unsafe-inline'",
  'font-src data: https:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
  'sandbox allow-popups allow-popups-to-escape-sandbox',
].join('; ');

/** A link within the frame would open in the frame. */
function opensLinksOutside(html: string): string {
  const base = '<base target="_blank">';
  const head = /<head(?:\s[^<>]*)?>/i.exec(html);
  if (!head) return `${base}${html}`;
  const end = head.index + head[0].length;
  return html.slice(0, end) + base + html.slice(end);
}

/** An id that stands in an address. */
const idIn = (text: string | undefined) => (text && /^\d{1,15}$/.test(text) ? Number(text) : undefined);

interface MailLine {
  id: number;
  received_at: Date;
  mail_from: string;
  rcpt_to: string[];
  subject: string;
}

async function listMails(
  context: Pick<Context, 'db'>,
  wanted: { search: string; before: number | undefined; after: number | undefined },
): Promise<{ mails: MailLine[]; newer: boolean; older: boolean; total: number }> {
  const pattern = `%${wanted.search.replace(/[\\%_]/g, '\\$&')}%`;
  const matching = context.db
    .selectFrom('inbox_messages')
    .$if(wanted.search !== '', (query) =>
      query.where((eb) =>
        eb.or([
          eb('subject', 'ilike', pattern),
          eb('mail_from', 'ilike', pattern),
          eb(eb.fn<string>('array_to_string', ['rcpt_to', eb.val(' ')]), 'ilike', pattern),
        ]),
      ),
    );
  const lines = matching
    .select(['id', 'received_at', 'mail_from', 'rcpt_to', 'subject'])
    // One more than is shown tells whether there is a page beyond.
    .limit(pageSize + 1);
  const { after, before } = wanted;
  const rows = after
    ? (await lines.where('id', '>', after).orderBy('id').execute()).toReversed()
    : await lines
        .$if(before !== undefined, (query) => query.where('id', '<', before ?? 0))
        .orderBy('id', 'desc')
        .execute();
  const more = rows.length > pageSize;
  const { count } = await matching
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return {
    mails: after ? rows.slice(-pageSize) : rows.slice(0, pageSize),
    newer: after ? more : before !== undefined,
    older: after ? true : more,
    total: count,
  };
}

const mailOf = (context: Pick<Context, 'db'>, id: string) =>
  context.db.selectFrom('inbox_messages').selectAll().where('id', '=', Number(id)).executeTakeFirst();

const timeFormat = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
});

function Time({ at }: { at: Date }) {
  return (
    <time datetime={at.toISOString()} title={at.toISOString()}>
      {timeFormat.format(at)}
    </time>
  );
}

function Listing(props: {
  mails: MailLine[];
  newer: boolean;
  older: boolean;
  total: number;
  search: string;
}) {
  const { mails, newer, older, total, search } = props;
  const link = (place: string) => `/inbox?${search ? `search=${encodeURIComponent(search)}&` : ''}${place}`;
  return (
    <Page title="Inbox" wide>
      <div class="bar">
        <div>
          <h1>Inbox</h1>
          <p class="quiet">
            {total.toLocaleString('en')} {total === 1 ? 'mail' : 'mails'}
            {search ? ' found' : ' caught; none has left this machine'}
          </p>
        </div>
        <form method="get" action="/inbox">
          <input
            type="search"
            name="search"
            value={search}
            placeholder="Subject or address"
            aria-label="Search for a subject or address"
          />
          <button class="button second" type="submit">
            Search
          </button>
        </form>
      </div>
      {mails.length === 0 ? (
        <div class="empty">
          <p>{search ? 'No mail has that in its subject or addresses.' : 'No mail yet.'}</p>
          {search ? (
            <p>
              <a href="/inbox">Show all</a>
            </p>
          ) : (
            <p class="quiet">Whatever Broadsheet sends while SMTP_URL is not set arrives here.</p>
          )}
        </div>
      ) : (
        <ul class="mails">
          {mails.map((mail) => (
            <li key={mail.id}>
              <a href={`/inbox/${mail.id}`}>
                <span class="to">{mail.rcpt_to.join(', ')}</span>
                <span class="subject">{mail.subject || '(no subject)'}</span>
                <Time at={mail.received_at} />
              </a>
            </li>
          ))}
        </ul>
      )}
      <nav class="pager" aria-label="Pages">
        {newer && mails[0] ? <a href={link(`after=${mails[0].id}`)}>Newer</a> : <span />}
        {older && mails.at(-1) ? <a href={link(`before=${mails.at(-1)?.id}`)}>Older</a> : <span />}
      </nav>
    </Page>
  );
}

const views = [
  { view: 'html', label: 'HTML' },
  { view: 'text', label: 'Text' },
  { view: 'headers', label: 'Headers' },
  { view: 'source', label: 'Source' },
] as const;

function Reading({
  row,
  mail,
  view,
}: {
  row: MailLine & { raw: Buffer };
  mail: ParsedMail;
  view: (typeof views)[number]['view'];
}) {
  const source = row.raw.subarray(0, longestSource).toString('utf8');
  return (
    <Page title={row.subject || '(no subject)'} wide>
      <p class="crumb">
        <a href="/inbox">All mail</a>
      </p>
      <h1>{row.subject || '(no subject)'}</h1>
      <dl class="facts">
        <dt>From</dt>
        <dd>{mail.from?.text ?? row.mail_from}</dd>
        <dt>To</dt>
        <dd>{addresses(mail.to) || row.rcpt_to.join(', ')}</dd>
        <dt>Envelope</dt>
        <dd>
          {row.mail_from || '<>'} to {row.rcpt_to.join(', ')}
        </dd>
        <dt>Received</dt>
        <dd>
          <Time at={row.received_at} /> UTC, {size(row.raw.length)}
        </dd>
        {mail.attachments.length > 0 ? (
          <>
            <dt>Attached</dt>
            <dd>
              {mail.attachments
                .map((file) => `${file.filename ?? file.contentType} (${size(file.size)})`)
                .join(', ')}
            </dd>
          </>
        ) : null}
      </dl>
      <nav class="tabs" aria-label="Parts of the mail">
        {views.map((tab) => (
          <a
            key={tab.view}
            href={`/inbox/${row.id}?view=${tab.view}`}
            aria-current={tab.view === view ? 'page' : undefined}
          >
            {tab.label}
          </a>
        ))}
      </nav>
      {view === 'html' ? (
        <iframe
          class="mail-frame"
          src={`/inbox/${row.id}/html`}
          title="The mail as HTML"
          sandbox="allow-popups allow-popups-to-escape-sandbox"
        />
      ) : null}
      {view === 'text' ? <pre>{mail.text?.trim() || 'This mail has no plain text part.'}</pre> : null}
      {view === 'headers' ? <pre>{headersOf(source)}</pre> : null}
      {view === 'source' ? (
        <>
          <p class="quiet">
            <a href={`/inbox/${row.id}/raw`}>Download as a file</a>
            {row.raw.length > longestSource ? `; the first ${size(longestSource)} are shown.` : null}
          </p>
          <pre>{source}</pre>
        </>
      ) : null}
    </Page>
  );
}

function headersOf(source: string): string {
  const end = /\r?\n\r?\n/.exec(source);
  return end ? source.slice(0, end.index) : source;
}

const addresses = (header: AddressObject | AddressObject[] | undefined) =>
  [header ?? []]
    .flat()
    .map(({ text }) => text)
    .join(', ');

function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

function NoSuchMail() {
  return (
    <Message title="There is no such mail">
      <p>
        The inbox keeps the newest 20,000. <a href="/inbox">Show all mail</a>
      </p>
    </Message>
  );
}
