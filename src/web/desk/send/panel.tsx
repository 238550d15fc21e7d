/** @jsxImportSource hono/jsx */
import { may } from '../../../access/roles.ts';
import type { Edition } from '../../../editions/editions.ts';
import { Button, Countdown, Csrf } from '../design/components.tsx';
import type { DeskSession } from '../env.ts';
import { until } from '../today/upcoming-list.tsx';
import { type DeskLanguage, speaking } from '../words/words.ts';
import { sendTexts } from './words.ts';

interface SendPanelProps {
  edition: Pick<
    Edition,
    'id' | 'newsletter_id' | 'state' | 'built_at' | 'starts_at' | 'scheduled_for' | 'planned_at'
  >;
  session: DeskSession;
  language: DeskLanguage;
  now: Date;
  /** Where a press leads back to; the page for sending, if not given. */
  back?: string;
}

/**
 * What sends an edition, as a row of buttons for the head of a page: test, look over and approve; while it is approved, the
 * countdown with undo; hold, and let go on.
 */
export function SendPanel({ edition, session, language, now, back }: SendPanelProps) {
  const say = speaking(sendTexts, language);
  const { id, state, newsletter_id } = edition;
  const at = `/desk/editions/${id}`;
  const mayApprove = may(session.user, 'approve', newsletter_id);
  const canBeTried =
    state === 'review' || state === 'approved' || (state === 'draft' && edition.built_at !== null);
  const press = { session, back };
  return (
    <div class="send-panel">
      {canBeTried && may(session.user, 'edit', newsletter_id) ? (
        <Press {...press} action={`${at}/test`} fields={{ to: 'me' }} stays>
          <Button kind="plain" title={say('testMeTo', { email: session.user.email })}>
            {say('testMe')}
          </Button>
        </Press>
      ) : null}
      {state === 'review' ? (
        <Button href={`${at}/send`} kind="main" icon="send" data-key="a">
          {say(mayApprove ? 'lookOver' : 'sendPage')}
        </Button>
      ) : null}
      {state === 'approved' ? <Leaving edition={edition} language={language} now={now} /> : null}
      {state === 'approved' && mayApprove ? (
        <Press {...press} action={`${at}/withdraw`}>
          <Button icon="undo">{say('takeBack')}</Button>
        </Press>
      ) : null}
      {state === 'sending' && mayApprove ? (
        <Press {...press} action={`${at}/hold`}>
          <Button icon="hold">{say('hold')}</Button>
        </Press>
      ) : null}
      {state === 'paused' && mayApprove ? (
        <Press {...press} action={`${at}/resume`}>
          <Button icon="play" kind="main">
            {say('resume')}
          </Button>
        </Press>
      ) : null}
      {state === 'review' ? null : (
        <Button href={`${at}/send`} icon="send">
          {say('sendPage')}
        </Button>
      )}
    </div>
  );
}

/** The countdown of an approved edition. */
export function Leaving({
  edition,
  language,
  now,
}: Pick<SendPanelProps, 'language' | 'now'> & {
  edition: Pick<Edition, 'starts_at' | 'scheduled_for'>;
}) {
  const say = speaking(sendTexts, language);
  const start = edition.starts_at ?? edition.scheduled_for;
  const isNear = start.getTime() - now.getTime() < 60_000;
  return (
    <p class="countdown">
      <span class="quiet small">{say(isNear ? 'leavesIn' : 'goesOutIn')}</span>
      {start > now ? (
        <Countdown to={start}>{until(start, now, language)}</Countdown>
      ) : (
        <span>{say('inMoments')}</span>
      )}
    </p>
  );
}

interface PressProps {
  session: DeskSession;
  action: string;
  fields?: Record<string, string | number>;
  back?: string | undefined;
  /** It is answered by a line at the foot of the page, which stays as it is. */
  stays?: boolean;
  children?: unknown;
}

/** A form of one button. */
export function Press({ session, action, fields = {}, back, stays, children }: PressProps) {
  return (
    <form method="post" action={action} hx-post={stays ? action : undefined}>
      <Csrf token={session.csrf} />
      {back ? <input type="hidden" name="back" value={back} /> : null}
      {Object.entries(fields).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      {children}
    </form>
  );
}
