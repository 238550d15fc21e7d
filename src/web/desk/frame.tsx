/** @jsxImportSource hono/jsx */
import { raw } from 'hono/html';
import type { Child } from 'hono/jsx';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { may } from '../../access/roles.ts';
import { assetPath } from './assets.ts';
import { Button, Dialog } from './design/components.tsx';
import { Icon, type IconName, iconSheet } from './design/icons.tsx';
import type { DeskCall } from './env.ts';
import { frameTexts } from './words/frame.ts';
import { type DeskLanguage, speaking } from './words/words.ts';

/** A place of the desk's rail. */
export type Place =
  | 'today'
  | 'editions'
  | 'stories'
  | 'storylines'
  | 'sources'
  | 'reports'
  | 'newsletters'
  | 'users'
  | 'audit'
  | 'account';

const places: { place: Place; href: string; key: string; admin?: true }[][] = [
  [
    { place: 'today', href: '/desk', key: 't' },
    { place: 'editions', href: '/desk/editions', key: 'e' },
    { place: 'stories', href: '/desk/stories', key: 's' },
    { place: 'storylines', href: '/desk/storylines', key: 'l' },
    { place: 'sources', href: '/desk/sources', key: 'q' },
    { place: 'reports', href: '/desk/reports', key: 'r' },
  ],
  [
    { place: 'newsletters', href: '/desk/newsletters', key: 'n' },
    { place: 'users', href: '/desk/users', key: 'u', admin: true },
    { place: 'audit', href: '/desk/audit', key: 'a', admin: true },
  ],
];

interface DeskPageProps {
  c: DeskCall;
  title: string;
  place?: Place;
  /** What stands above the title: where one came from. */
  crumbs?: [href: string, text: string][];
  /** A line below the title. */
  sub?: Child;
  /** What can be done with the page, opposite to its title. */
  acts?: Child;
  /** `wide` takes all there is, `narrow` has the width of a form. */
  width?: 'wide' | 'narrow';
  /** Scripts of the page's own, by their names in islands/. */
  scripts?: string[];
  /** What the page is in, where that is not what the desk speaks. */
  lang?: 'en';
  /** In place of the usual heading. */
  heading?: Child;
  children?: Child;
}

/** The frame of every page of the desk: the rail, a heading, and what the page is about. */
export function DeskPage({
  c,
  title,
  place,
  crumbs,
  sub,
  acts,
  width,
  scripts = [],
  lang,
  heading,
  children,
}: DeskPageProps) {
  const { session, language } = c.var;
  const say = speaking(frameTexts, language);
  const seen = places.map((group) => group.filter(({ admin }) => !admin || may(session.user, 'administer')));
  return (
    <Html title={title} language={language} scripts={scripts} csrf={session.csrf}>
      <a class="skip" href="#page">
        {say('skip')}
      </a>
      <nav class="topbar" aria-label={say('menu')}>
        <a class="wordmark" href="/desk">
          Broadsheet
        </a>
        <button
          type="button"
          class="button bare plain"
          data-rail
          aria-expanded="false"
          aria-controls="rail"
          aria-label={say('menu')}
        >
          <Icon name="menu" />
        </button>
      </nav>
      <div class="desk">
        <header class="rail" id="rail">
          <a class="wordmark" href="/desk">
            Broadsheet
          </a>
          {seen.map((group, at) =>
            group.length === 0 ? null : (
              <nav aria-label={at === 0 ? 'Broadsheet' : say('newsletters')}>
                {group.map((each) => (
                  <a
                    class="item"
                    href={each.href}
                    aria-current={each.place === place ? 'page' : undefined}
                    data-go={each.key}
                  >
                    <Icon name={each.place as IconName} />
                    {say(each.place)}
                  </a>
                ))}
              </nav>
            ),
          )}
          <nav class="foot" aria-label={say('account')}>
            <a class="item" href="/desk/account" aria-current={place === 'account' ? 'page' : undefined}>
              <Icon name="account" />
              {say('account')}
            </a>
            <button class="item" type="button" data-dialog="shortcuts">
              <Icon name="info" />
              {say('shortcuts')}
            </button>
            <form method="post" action="/desk/logout">
              <input type="hidden" name="csrf" value={session.csrf} />
              <button class="item" type="submit">
                <Icon name="out" />
                {say('logOut')}
              </button>
            </form>
            <span class="who">{session.user.email}</span>
          </nav>
        </header>
        <main class="page" id="page" tabindex={-1} lang={lang}>
          <div class={width ? `inner ${width}` : 'inner'}>
            {heading ?? (
              <div class="head">
                <div>
                  {crumbs ? (
                    <p class="crumbs">
                      {crumbs.map(([href, text], at) => (
                        <>
                          {at > 0 ? ' / ' : null}
                          <a href={href}>{text}</a>
                        </>
                      ))}
                    </p>
                  ) : null}
                  <h1>{title}</h1>
                  {sub ? <p class="sub">{sub}</p> : null}
                </div>
                {acts ? <div class="row">{acts}</div> : null}
              </div>
            )}
            {children}
          </div>
        </main>
      </div>
      <div
        class="toasts"
        id="toasts"
        role="status"
        aria-live="polite"
        data-offline={say('offline')}
        data-unreached={say('unreached')}
        data-failed={say('failed')}
      />
      <Dialog id="logged-out" title={say('loggedOut')}>
        <p>{say('loggedOutText')}</p>
        <div class="ends">
          <Button type="button" data-close="">
            {say('iAmBack')}
          </Button>
          <a class="button main" href="/desk/login" target="_blank" rel="noopener">
            {say('logInAgain')}
          </a>
        </div>
      </Dialog>
      <Dialog id="shortcuts" title={say('shortcuts')}>
        <dl class="stack tight" data-shortcuts>
          {seen.flat().map((each) => (
            <div class="row apart">
              <dt>{say('goTo', { page: say(each.place) })}</dt>
              <dd>
                <kbd>g</kbd> <kbd>{each.key}</kbd>
              </dd>
            </div>
          ))}
          <div class="row apart">
            <dt>{say('search')}</dt>
            <dd>
              <kbd>/</kbd>
            </dd>
          </div>
          <div class="row apart">
            <dt>{say('thisHelp')}</dt>
            <dd>
              <kbd>?</kbd>
            </dd>
          </div>
        </dl>
        <p class="quiet small">
          {say('lettersSwitch')} <a href="/desk/account#letters">{say('account')}</a>
        </p>
        <div class="ends">
          <Button type="button" data-close="">
            {say('close')}
          </Button>
        </div>
      </Dialog>
    </Html>
  );
}

interface HtmlProps {
  title: string;
  language: DeskLanguage;
  scripts?: string[];
  csrf?: string;
  children: Child;
}

function Html({ title, language, scripts = [], csrf, children }: HtmlProps) {
  return (
    <html lang={language} class="no-script">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{`${title} – Broadsheet`}</title>
        <meta name="color-scheme" content="light dark" />
        {csrf ? <meta name="csrf" content={csrf} /> : null}
        <meta name="htmx-config" content='{"includeIndicatorCSS":false,"history":false}' />
        <link rel="stylesheet" href={assetPath('desk.css')} />
        <link rel="icon" href="data:," />
        <script src={assetPath('appearance.js')} />
        <script src={assetPath('desk.js')} defer />
        {scripts.map((name) => (
          <script src={assetPath(`${name}.js`)} defer />
        ))}
      </head>
      <body>
        {iconSheet}
        {children}
      </body>
    </html>
  );
}

/** A page for somebody who is not logged in: a sheet in the middle. */
export function AlonePage({
  title,
  language,
  children,
}: {
  title: string;
  language: DeskLanguage;
  children: Child;
}) {
  return (
    <Html title={title} language={language}>
      <div class="alone">
        <main>
          <a class="wordmark" href="/desk">
            Broadsheet
          </a>
          <section class="card">{children}</section>
        </main>
      </div>
    </Html>
  );
}

/** Answers with a page. */
export const showDesk = (
  c: Pick<DeskCall, 'html'>,
  page: Child,
  status: ContentfulStatusCode = 200,
): Response | Promise<Response> =>
  c.html(
    <>
      {raw('<!doctype html>')}
      {page}
    </>,
    status,
  );

/** A page that says one thing. */
export function deskMessage(
  c: DeskCall,
  what: 'notFound' | 'noRight' | 'wentWrong',
  status: ContentfulStatusCode,
): Response | Promise<Response> {
  const say = speaking(frameTexts, c.var.language);
  const inside = (
    <div class="empty">
      <p>{say(`${what}Text`)}</p>
      <Button href="/desk">{say('backToday')}</Button>
    </div>
  );
  // A failure may come before somebody is known.
  if (!c.var.session)
    return showDesk(
      c,
      <AlonePage title={say(what)} language={c.var.language ?? 'en'}>
        <h1>{say(what)}</h1>
        {inside}
      </AlonePage>,
      status,
    );
  return showDesk(
    c,
    <DeskPage c={c} title={say(what)}>
      {inside}
    </DeskPage>,
    status,
  );
}
