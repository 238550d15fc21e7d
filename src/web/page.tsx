/** @jsxImportSource hono/jsx */
import type { Context as HonoContext } from 'hono';
import { raw } from 'hono/html';
import type { Child } from 'hono/jsx';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { proofScriptPath } from './abuse/proof-script.ts';
import { type Look, plainLook } from './look.ts';
import { siteCssPath } from './site.css.ts';

export interface PageProps {
  /** What the browser's tab shows. */
  title: string;
  /** Who the page comes from: the list or newsletter. */
  name?: string;
  /** A line below the name. */
  motto?: string;
  /** For pages that hold tables rather than a text. */
  wide?: boolean;
  /** How it speaks and looks; English and plain if not given. */
  look?: Look;
  /** Stands in a frame on another site: without masthead and ground. */
  framed?: boolean;
  /** Has a form with a task for the browser (proof-script.ts). */
  task?: boolean;
  /** The address of a feed that belongs to the page. */
  feed?: string;
  children?: Child;
}

const english = plainLook('en');

/** The frame of every page: a masthead, the sheet with what is to be said, and who says it. */
export function Page({ title, name, motto, wide, look = english, framed, task, feed, children }: PageProps) {
  const { language, direction, brandCss, logo, footer } = look;
  return (
    <html lang={language} dir={direction === 'rtl' ? 'rtl' : undefined}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{name && name !== title ? `${title} – ${name}` : title}</title>
        <link rel="stylesheet" href={siteCssPath} />
        {brandCss ? <link rel="stylesheet" href={brandCss} /> : null}
        {feed ? <link rel="alternate" type="application/rss+xml" href={feed} /> : null}
        <link rel="icon" href="data:," />
        {task ? <script src={proofScriptPath} defer /> : null}
      </head>
      <body class={framed ? 'framed' : undefined}>
        <main class={wide ? 'sheet wide' : 'sheet'}>
          {name && !framed ? (
            <header class="masthead">
              {logo ? (
                <img class="logo" src={logo.url} alt={logo.alt || name} width={logo.width} />
              ) : (
                <p class="name">{name}</p>
              )}
              {motto ? <p class="motto">{motto}</p> : null}
            </header>
          ) : null}
          <div class="flow">{children}</div>
        </main>
        {footer && !framed ? (
          <footer class="sender" dir="auto">
            {footer}
          </footer>
        ) : null}
      </body>
    </html>
  );
}

/** Answers with a page. */
export function show(
  c: HonoContext,
  page: Child,
  status: ContentfulStatusCode = 200,
): Response | Promise<Response> {
  return c.html(
    <>
      {raw('<!doctype html>')}
      {page}
    </>,
    status,
  );
}

/** A page that says one thing, and perhaps what to do. */
export function Message({
  title,
  name,
  look,
  framed,
  children,
}: Pick<PageProps, 'title' | 'name' | 'look' | 'framed' | 'children'>) {
  return (
    <Page title={title} name={name} look={look} framed={framed}>
      <h1>{title}</h1>
      {children}
    </Page>
  );
}

/** For a link that we did not make, or that was changed on its way. */
export function UnknownLink({ look = english }: { look?: Look }) {
  const { say } = look;
  return (
    <Message title={say('brokenLink')} look={look}>
      <p>{say('brokenLinkText')}</p>
      <p class="quiet foot">
        <a href="/preferences">{say('brokenLinkHelp')}</a>
      </p>
    </Message>
  );
}

/** A field for an email address, with what is wrong with what was typed. */
export function EmailField({ look, value, error }: { look: Look; value: string; error?: string }) {
  return (
    <div class="field">
      <label for="email">{look.say('yourEmail')}</label>
      <input
        id="email"
        name="email"
        type="email"
        autocomplete="email"
        autocapitalize="none"
        spellcheck={false}
        dir="ltr"
        maxlength={320}
        required
        autofocus={error !== undefined}
        value={value}
        aria-invalid={error ? 'true' : undefined}
        aria-describedby={error ? 'email-error' : undefined}
      />
      {error ? (
        <p class="error" id="email-error">
          {error}
        </p>
      ) : null}
    </div>
  );
}

/** A text of a catalogue with one value of it in bold. @param text with the value put in */
export function WithBold({ text, bold }: { text: string; bold: string }) {
  const at = bold === '' ? -1 : text.indexOf(bold);
  if (at < 0) return <>{text}</>;
  return (
    <>
      {text.slice(0, at)}
      <b>{bold}</b>
      {text.slice(at + bold.length)}
    </>
  );
}
