/** @jsxImportSource hono/jsx */
import type { Context as HonoContext } from 'hono';
import { raw } from 'hono/html';
import type { Child } from 'hono/jsx';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
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
  children?: Child;
}

/** The frame of every page: a masthead, and the sheet with what is to be said. */
export function Page({ title, name, motto, wide, children }: PageProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{name && name !== title ? `${title} – ${name}` : title}</title>
        <link rel="stylesheet" href={siteCssPath} />
        <link rel="icon" href="data:," />
      </head>
      <body>
        <main class={wide ? 'sheet wide' : 'sheet'}>
          {name ? (
            <header class="masthead">
              <p class="name">{name}</p>
              {motto ? <p class="motto">{motto}</p> : null}
            </header>
          ) : null}
          <div class="flow">{children}</div>
        </main>
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
export function Message({ title, name, children }: { title: string; name?: string; children?: Child }) {
  return (
    <Page title={title} name={name}>
      <h1>{title}</h1>
      {children}
    </Page>
  );
}

/** For a link that we did not make, or that was changed on its way. */
export function UnknownLink() {
  return (
    <Message title="This link does not work">
      <p>
        Part of it may have been lost on the way. Please open the link in the mail again, or copy all of it
        into the address bar.
      </p>
      <p class="quiet foot">
        We can <a href="/preferences">mail you a new link</a> to choose what you get, or to leave.
      </p>
    </Message>
  );
}
