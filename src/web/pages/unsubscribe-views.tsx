/** @jsxImportSource hono/jsx */
import type { Subscription } from '../../subscribers/find.ts';
import type { LeaveReason } from '../../subscribers/leave-reasons.ts';
import type { Look } from '../look.ts';
import { Message, Page } from '../page.tsx';
import type { PageTexts } from '../words/texts.ts';
import { sentenceList } from '../words/words.ts';

/** What a link to leave is about. */
export interface Link {
  token: string;
  subscriberId: number;
  /** 0: the link is of no edition. */
  editionId: number;
  look: Look;
  name: string | undefined;
  subscriptions: Subscription[];
  /** What the link is about, ended or not. */
  meant: Subscription[];
  /** What the button ends. */
  leaving: Subscription[];
  /** Everything the person gets, or waits to confirm. */
  active: Subscription[];
  preferences: string;
}

/** Asks whether someone wants to leave. */
export function Question({ link }: { link: Link }) {
  const { look, name, leaving } = link;
  const { say } = look;
  if (leaving.length === 0)
    return (
      <Message title={say('notSubscribed')} name={name} look={look}>
        <p>{name ? say('notSubscribedTo', { list: name }) : say('notSubscribedText')}</p>
        <LeaveEverything link={link} />
      </Message>
    );
  const [only] = leaving.length === 1 ? leaving : [];
  return (
    <Page title={say('unsubscribe')} name={name ?? only?.list} look={look}>
      <h1>{only ? say('stopOne', { list: only.list }) : say('stopThese')}</h1>
      {only ? null : (
        <ul class="items">
          {leaving.map(({ listId, list }) => (
            <li key={listId}>
              <span class="name">{list}</span>
            </li>
          ))}
        </ul>
      )}
      <p>{say('stillSubscribed')}</p>
      <form method="post" action={`/unsubscribe/${link.token}`}>
        <button class="button" type="submit" name="action" value="leave">
          {say('unsubscribe')}
        </button>
      </form>
      <p class="quiet foot">
        {say('tooMuch')} <a href={link.preferences}>{say('chooseWhat')}</a>
      </p>
    </Page>
  );
}

/** Says what was left, and offers to undo it and to say why. */
export function Left({ link, left, everything }: { link: Link; left: number[]; everything?: boolean }) {
  const { look } = link;
  const { say } = look;
  const names = link.subscriptions.filter(({ listId }) => left.includes(listId)).map(({ list }) => list);
  const undoable = link.subscriptions.filter(
    ({ listId, confirmedAt }) => left.includes(listId) && confirmedAt !== null,
  );
  return (
    <Message title={say('unsubscribed')} name={link.name ?? names[0]} look={look}>
      {everything ? (
        <p>{say('nothingMore')}</p>
      ) : (
        <p>
          {names.length > 0
            ? say('noMoreOf', { lists: sentenceList(names, look.language) })
            : say('leftAlready')}{' '}
          {say('onItsWay')}
        </p>
      )}
      {undoable.length > 0 ? (
        <form method="post" action={`/unsubscribe/${link.token}`}>
          <ListFields name="list" ids={undoable.map(({ listId }) => listId)} />
          <button class="button second" type="submit" name="action" value="undo">
            {say('undo')}
          </button>
        </form>
      ) : null}
      {left.length > 0 ? <Why link={link} left={left} /> : null}
      {everything ? null : (
        <LeaveEverything
          link={{ ...link, active: link.active.filter(({ listId }) => !left.includes(listId)) }}
        />
      )}
    </Message>
  );
}

function ListFields({ name, ids }: { name: string; ids: number[] }) {
  return (
    <>
      {ids.map((id) => (
        <input key={id} type="hidden" name={name} value={String(id)} />
      ))}
    </>
  );
}

const reasonTexts: [LeaveReason, keyof PageTexts][] = [
  ['too-many', 'whyTooMany'],
  ['not-relevant', 'whyNotRelevant'],
  ['never-asked', 'whyNeverAsked'],
  ['other', 'whyOther'],
];

function Why({ link, left }: { link: Link; left: number[] }) {
  const { say } = link.look;
  return (
    <form class="fields why" method="post" action={`/unsubscribe/${link.token}`}>
      <ListFields name="left" ids={left} />
      <fieldset>
        <legend>
          <h2>{say('why')}</h2>
        </legend>
        {reasonTexts.map(([reason, text]) => (
          <label key={reason} class="choice">
            <input type="radio" name="reason" value={reason} />
            {say(text)}
          </label>
        ))}
      </fieldset>
      <div class="field">
        <label for="comment">
          {say('whyMore')} <span class="optional">{say('ifYouLike')}</span>
        </label>
        <textarea id="comment" name="comment" rows={3} maxlength={1000} />
      </div>
      <button class="button second" type="submit" name="action" value="why">
        {say('sendAnswer')}
      </button>
    </form>
  );
}

function LeaveEverything({ link }: { link: Link }) {
  const { say } = link.look;
  if (link.active.length === 0) return null;
  return (
    <>
      <h2>{say('stillGet')}</h2>
      <ul class="items">
        {link.active.map(({ listId, list, state }) => (
          <li key={listId}>
            <span class="name">{list}</span>
            {state === 'pending' ? <span class="quiet"> {say('notConfirmed')}</span> : null}
          </li>
        ))}
      </ul>
      <form method="post" action={`/unsubscribe/${link.token}`}>
        <button class="button second" type="submit" name="action" value="leave-all">
          {say('leaveAll')}
        </button>
      </form>
      <p class="quiet foot">
        <a href={link.preferences}>{say('chooseWhat')}</a>
      </p>
    </>
  );
}

/** Says that an unsubscription was taken back, or cannot be any more. */
export function Undone({ link, names }: { link: Link; names: string[] }) {
  const { look } = link;
  const { say } = look;
  if (names.length === 0)
    return (
      <Message title={say('cannotUndo')} name={link.name} look={look}>
        <p>{say('cannotUndoText')}</p>
        <p class="quiet foot">
          <a href={link.preferences}>{say('chooseWhat')}</a>
        </p>
      </Message>
    );
  return (
    <Message title={say('welcomeBack')} name={link.name ?? names[0]} look={look}>
      <p>{say('welcomeBackText', { lists: sentenceList(names, look.language) })}</p>
      <p class="quiet foot">
        <a href={link.preferences}>{say('chooseDetails')}</a>
      </p>
    </Message>
  );
}
