/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx';
import { stepMinutes } from '../../../access/login-steps.ts';
import { Button, Input, Notice } from '../design/components.tsx';
import { AlonePage } from '../frame.tsx';
import { accessTexts } from '../words/access.ts';
import { type DeskLanguage, speaking } from '../words/words.ts';

interface LoginProps {
  language: DeskLanguage;
  next?: string;
  email?: string;
  /** What the login service is called, if there is one. */
  provider?: string;
  notice?: Child;
  errors?: { email?: string; password?: string };
}

/** The way in: a password, a mailed link, or a login service. */
export function LoginPage({ language, next, email, provider, notice, errors = {} }: LoginProps) {
  const say = speaking(accessTexts, language);
  return (
    <AlonePage title={say('logIn')} language={language}>
      <div class="stack">
        <h1>{say('logIn')}</h1>
        {notice ? <Notice mood="bad">{notice}</Notice> : null}
        {provider ? (
          <>
            <Button href={`/desk/login/oidc${next ? `?next=${encodeURIComponent(next)}` : ''}`} kind="main">
              {say('logInWith', { name: provider })}
            </Button>
            <p class="quiet small">{say('or')}</p>
          </>
        ) : null}
        <form method="post" action="/desk/login" class="stack" novalidate>
          {next ? <input type="hidden" name="next" value={next} /> : null}
          <Input
            id="email"
            label={say('email')}
            type="email"
            value={email}
            error={errors.email}
            autocomplete="username"
            inputmode="email"
            spellcheck={false}
            required
            autofocus={!email}
          />
          <Input
            id="password"
            label={say('password')}
            type="password"
            hint={say('passwordHint')}
            error={errors.password}
            autocomplete="current-password"
            autofocus={Boolean(email)}
          />
          <div class="row">
            <Button kind={provider ? undefined : 'main'}>{say('logIn')}</Button>
            <Button kind="plain" name="way" value="link">
              {say('mailLink')}
            </Button>
          </div>
        </form>
      </div>
    </AlonePage>
  );
}

/** What whoever asked for a link reads, whether or not the address is known. */
export function LinkIsComing({
  language,
  email,
  isCaught,
}: {
  language: DeskLanguage;
  email: string;
  /** The embedded inbox has it. */
  isCaught: boolean;
}) {
  const say = speaking(accessTexts, language);
  return (
    <AlonePage title={say('lookInMail')} language={language}>
      <div class="stack">
        <h1>{say('lookInMail')}</h1>
        <p>{say('linkIfKnown', { email, minutes: stepMinutes.link })}</p>
        {isCaught ? (
          <>
            <p>{say('caught')}</p>
            <Button href="/inbox" kind="main">
              {say('openInbox')}
            </Button>
          </>
        ) : null}
        <a href="/desk/login">{say('again')}</a>
      </div>
    </AlonePage>
  );
}

/** What a mailed link opens. Nothing happens before the button is pressed: programs that look at mail open links too. */
export function UseLinkPage({
  language,
  email,
  token,
}: {
  language: DeskLanguage;
  email: string;
  token: string;
}) {
  const say = speaking(accessTexts, language);
  return (
    <AlonePage title={say('logIn')} language={language}>
      <div class="stack">
        <h1>{say('logIn')}</h1>
        <p>{say('linkFor')}</p>
        <form method="post" action="/desk/login/link">
          <input type="hidden" name="token" value={token} />
          <Button kind="main">{say('logInAs', { email })}</Button>
        </form>
      </div>
    </AlonePage>
  );
}

/** Asks for the code from the phone. */
export function CodePage({ language, error }: { language: DeskLanguage; error?: string }) {
  const say = speaking(accessTexts, language);
  return (
    <AlonePage title={say('codeTitle')} language={language}>
      <form method="post" action="/desk/login/code" class="stack" novalidate>
        <h1>{say('codeTitle')}</h1>
        <p>{say('codeText')}</p>
        <Input id="code" label={say('code')} error={error} autocomplete="one-time-code" autofocus required />
        <div class="row">
          <Button kind="main">{say('goOn')}</Button>
          <a href="/desk/login">{say('again')}</a>
        </div>
      </form>
    </AlonePage>
  );
}

/** Says one thing to whoever is not in, and leads back to the login. */
export function DoorMessage({
  language,
  title,
  children,
}: {
  language: DeskLanguage;
  title: string;
  children: Child;
}) {
  return (
    <AlonePage title={title} language={language}>
      <div class="stack">
        <h1>{title}</h1>
        <p>{children}</p>
        <Button href="/desk/login">{speaking(accessTexts, language)('again')}</Button>
      </div>
    </AlonePage>
  );
}
