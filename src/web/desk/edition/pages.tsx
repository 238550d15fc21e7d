/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { Child } from 'hono/jsx';
import { may } from '../../../access/roles.ts';
import type { Context } from '../../../context.ts';
import { buildEdition } from '../../../editions/build.ts';
import { historyOf } from '../../../editions/revise/history.ts';
import { gone, seen as noteSeen, whoElse } from '../../../editions/revise/presence.ts';
import { type Revised, redo, revise, undo } from '../../../editions/revise/revise.ts';
import { UserError } from '../../../errors.ts';
import { startProducing } from '../../../schedule/produce.ts';
import { searchStories } from '../../../stories/search.ts';
import { formOf } from '../../request.ts';
import { noteDeskAct } from '../access/door.ts';
import type { DeskCall, DeskEnv, DeskSite } from '../env.ts';
import { showDesk } from '../frame.tsx';
import { changeSummaries } from '../sayings/changes.ts';
import { worded } from '../sayings/german.ts';
import { SendPanel } from '../send/panel.tsx';
import { asksForPiece, tellError, wordsOf } from '../toast.tsx';
import { changeOf, type Fields } from './change-form.ts';
import { ChecksPanel } from './checks-panel.tsx';
import { type Conflict, ConflictPanel, isOwnConflict } from './conflict.tsx';
import { EditionPage, SheetPage } from './edition-page.tsx';
import { EditionHead } from './head.tsx';
import { type Look, lookOf } from './look.tsx';
import { NoteSheet } from './note-form.tsx';
import { type Other, Others } from './presence.tsx';
import { PreviewPane } from './preview-pane.tsx';
import { Found, HistorySheet, MergeSheet, ReplaceSheet } from './sheets.tsx';
import { EditionParts } from './slots.tsx';
import { StorySheet } from './story-form.tsx';
import { canBeBuilt, concernsThis, isBeingBuilt, storyIn, viewOf } from './view.ts';

const foundAtOnce = 20;

/** `/desk/editions/ID`: an edition, to look at and to change. */
export function editionPages(context: Context, site: DeskSite): Hono<DeskEnv> {
  const app = new Hono<DeskEnv>();

  const look = async (c: DeskCall): Promise<Look> => {
    const view = await viewOf(context, Number(c.req.param('id')), c.var.session);
    // Nor does it tell whether there is one that they may not see.
    if (!view || !may(c.var.session.user, 'view', view.newsletter.id)) throw new HTTPException(404);
    return lookOf(c, view, context.clock.now());
  };
  const toEdit = async (c: DeskCall): Promise<Look> => {
    const seen = await look(c);
    if (!seen.view.mayEdit) throw new HTTPException(403);
    return seen;
  };
  /** Who else is here; not the same person in another window. */
  const others = async (c: DeskCall, { view }: Look): Promise<Other[]> =>
    (await whoElse(context, { editionId: view.edition.id, session: '' }))
      .filter(({ userId }) => userId !== c.var.session.user.id)
      .map(({ userName, field }) => ({ name: userName, field }));

  const page = async (c: DeskCall, seen: Look, error?: string) => (
    <EditionPage
      c={c}
      look={seen}
      others={await others(c, seen)}
      error={error}
      send={sendOf(c, seen)}
      checks={<ChecksPanel view={seen.view} language={seen.language} />}
      preview={<PreviewPane view={seen.view} session={c.var.session} language={seen.language} />}
    />
  );

  /** The edition's pieces as they are now, each for its place on the page. */
  const pieces = async (c: DeskCall, seen: Look, sheet?: Child) =>
    c.html(
      <>
        <EditionParts look={seen} />
        <EditionHead
          look={seen}
          others={<Others look={seen} others={await others(c, seen)} />}
          send={sendOf(c, seen)}
          swapped
        />
        {sheet ? (
          <div id="sheet-body" hx-swap-oob="innerMorph">
            {sheet}
          </div>
        ) : null}
      </>,
    );

  /** A sheet: over the page, or a page of its own. */
  const showSheet = (
    c: DeskCall,
    seen: Look,
    title: string,
    sheet: (look: Look) => Parameters<DeskCall['html']>[0],
  ) => {
    if (asksForPiece(c)) return c.html(sheet(seen));
    const alone = { ...seen, alone: true };
    return showDesk(
      c,
      <SheetPage c={c} look={alone} title={title}>
        {sheet(alone)}
      </SheetPage>,
    );
  };

  const sheetNamed = (seen: Look, name: string | undefined): Child | undefined => {
    const [kind, key = ''] = name?.split(/:(.*)/s) ?? [];
    const story = kind === 'story' ? storyIn(seen.view, key) : undefined;
    return story && <StorySheet look={seen} story={story} />;
  };

  const story = (c: DeskCall, seen: Look) => {
    const found = storyIn(seen.view, c.req.param('key') ?? '');
    if (!found) throw new HTTPException(404);
    return found;
  };

  app.get('/:id{[0-9]{1,15}}', async (c) => {
    const seen = await look(c);
    if (asksForPiece(c)) return pieces(c, seen);
    if (isBeingBuilt(seen.view) || seen.view.isUnfinished) c.header('Refresh', '3');
    return showDesk(c, await page(c, seen));
  });

  /** A window says that it is here, and hears who else is, and of what was changed since the version that it shows. */
  app.post('/:id{[0-9]{1,15}}/here', async (c) => {
    const fields = await fieldsOf(c);
    const { user, id } = c.var.session;
    const editionId = Number(c.req.param('id'));
    const session = `${id}:${fields.window ?? ''}`;
    if (fields.leaves) {
      await gone(context, { editionId, session });
      return c.body(null, 204);
    }
    const now = await look(c);
    await noteSeen(context, {
      editionId,
      session,
      userId: user.id,
      userName: user.name || user.email,
      field: fields.field || null,
    });
    const { version, state } = now.view.edition;
    c.header('Edition-Version', String(version));
    if (String(version) !== fields.version || state !== fields.state) {
      const undone = await undoneSince(now, Number(fields.version));
      if (undone) c.header('Edition-Undone', encodeURIComponent(undone));
      return pieces(c, now);
    }
    return c.html(<Others look={now} others={await others(c, now)} swapped />);
  });

  /** What others have taken back, or done again, of one's own changes since a version; undefined: nothing. */
  const undoneSince = async ({ view, language }: Look, version: number): Promise<string | undefined> => {
    const { versions } = await historyOf(context, view.edition.id);
    const last = versions.find(
      (each) =>
        each.version > version &&
        (each.undid ?? each.redid) !== null &&
        each.user.name !== view.me &&
        each.summary.includes(` of ${view.me}: `),
    );
    return last && `${last.user.name}: ${worded(last.summary, changeSummaries, language).text}`;
  };

  app.get('/:id{[0-9]{1,15}}/history', async (c) => {
    const seen = await look(c);
    const { versions } = await historyOf(context, seen.view.edition.id);
    return showSheet(c, seen, seen.say('history'), (at) => <HistorySheet look={at} versions={versions} />);
  });

  app.get('/:id{[0-9]{1,15}}/find', async (c) => {
    const seen = await toEdit(c);
    const search = (c.req.query('q') ?? '').trim().slice(0, 200);
    const { stories } =
      search === '' ? {} : await searchStories(context, { words: search, limit: foundAtOnce });
    const found = (at: Look) => (stories ? <Found look={at} stories={stories} asked={foundAtOnce} /> : '');
    if (asksForPiece(c)) return c.html(found(seen));
    return showSheet(c, seen, seen.say('findStory'), (at) => (
      <>
        <h2>{seen.say('findStory')}</h2>
        {found(at)}
      </>
    ));
  });

  app.get('/:id{[0-9]{1,15}}/stories/:key', async (c) => {
    const seen = await toEdit(c);
    const found = story(c, seen);
    return showSheet(c, seen, found.title, (at) => <StorySheet look={at} story={found} />);
  });

  app.get('/:id{[0-9]{1,15}}/stories/:key/replace', async (c) => {
    const seen = await toEdit(c);
    const found = story(c, seen);
    return showSheet(c, seen, found.title, (at) => <ReplaceSheet look={at} story={found} />);
  });

  app.get('/:id{[0-9]{1,15}}/stories/:key/merge', async (c) => {
    const seen = await toEdit(c);
    const found = story(c, seen);
    if (!concernsThis(seen.view, 'merge')) throw new HTTPException(403);
    return showSheet(c, seen, found.title, (at) => <MergeSheet look={at} story={found} />);
  });

  app.get('/:id{[0-9]{1,15}}/notes/new', async (c) => {
    const seen = await toEdit(c);
    return showSheet(c, seen, seen.say('addNote'), (at) => (
      <NoteSheet look={at} place={c.req.query('place')} />
    ));
  });

  app.get('/:id{[0-9]{1,15}}/notes/:key', async (c) => {
    const seen = await toEdit(c);
    return showSheet(c, seen, seen.say('note'), (at) => <NoteSheet look={at} story={story(c, seen)} />);
  });

  app.post('/:id{[0-9]{1,15}}/change', async (c) => {
    const seen = await toEdit(c);
    const fields = await fieldsOf(c);
    return changing(c, seen, fields, (step) => {
      const change = changeOf(fields, seen.view);
      if (!concernsThis(seen.view, change.kind)) throw new HTTPException(403);
      return revise(context, { ...step, change });
    });
  });

  for (const [way, step] of [
    ['undo', undo],
    ['redo', redo],
  ] as const)
    app.post(`/:id{[0-9]{1,15}}/${way}`, async (c) => {
      const seen = await toEdit(c);
      const fields = await fieldsOf(c);
      if (!concernsThis(seen.view, seen.view[way]?.kind)) throw new HTTPException(403);
      const whose = seen.view[way]?.user.name;
      const isTheirs = whose !== undefined && whose !== seen.view.me;
      return changing(c, seen, fields, (asked) => step(context, asked), isTheirs);
    });

  app.post('/:id{[0-9]{1,15}}/choose-again', async (c) => {
    const seen = await toEdit(c);
    const fields = await fieldsOf(c);
    return changing(c, seen, fields, async ({ editionId, base, user, note }) => {
      await buildEdition(context, editionId, user, {
        base,
        tooFew: 'refuse',
        toReview: true,
        note: (db, { version }) => note(db, { summary: 'Chose the stories anew', fellBack: false, version }),
      });
    });
  });

  app.post('/:id{[0-9]{1,15}}/build', async (c) => {
    const seen = await toEdit(c);
    const { edition, newsletter } = seen.view;
    if (!canBeBuilt(seen.view)) throw new HTTPException(409);
    const { id, email, name } = c.var.session.user;
    const by = { id, email, name };
    site.background.run(
      'building an edition',
      await startProducing(context, edition.id, by, 'anyway', (db) =>
        noteDeskAct({ ...context, db }, c, {
          act: 'edition.build',
          newsletterId: newsletter.id,
          editionId: edition.id,
        }),
      ),
    );
    return c.redirect(seen.at, 303);
  });

  /** Changes the edition, with what is noted of it in the same transaction. */
  type Work = (step: {
    editionId: number;
    base: number;
    user: { id: number; email: string; name: string | null };
    note: (db: Context['db'], revised: Pick<Revised, 'summary' | 'fellBack' | 'version'>) => Promise<void>;
  }) => Promise<unknown>;

  /** @param tells what was done is said at the foot of the page */
  const changing = async (
    c: DeskCall,
    seen: Look,
    fields: Fields,
    work: Work,
    tells = false,
  ): Promise<Response> => {
    const { user } = c.var.session;
    const { edition } = seen.view;
    /** The version that this change made. */
    let own = 0;
    let done = '';
    try {
      if (!/^\d{1,9}$/.test(fields.base ?? ''))
        throw new UserError(
          'The change does not say which version of the edition it was made on. Load the page again.',
          {
            code: 'usage',
          },
        );
      if (seen.view.isUnfinished)
        throw new UserError(`Edition ${edition.id} is being laid out and checked.`, {
          code: 'state',
          hint: 'Do it again in a moment.',
        });
      await work({
        editionId: edition.id,
        base: Number(fields.base),
        user: { id: user.id, email: user.email, name: user.name },
        note: (db, { summary, fellBack, version }) => {
          own = version;
          done = summary;
          return noteDeskAct({ ...context, db }, c, {
            act: 'edition.change',
            newsletterId: seen.view.newsletter.id,
            editionId: edition.id,
            subject: summary,
            details: { fellBack },
          });
        },
      });
    } catch (error) {
      if (error instanceof UserError && error.code === 'conflict')
        return conflict(c, error.details as Conflict, fields);
      if (asksForPiece(c)) return tellError(c, error);
      if (!(error instanceof UserError)) throw error;
      const now = await look(c);
      return tellError(c, error, () => page(c, now, wordsOf(error)));
    }
    const now = await look(c);
    if (!asksForPiece(c))
      return c.redirect(
        fields.sheet?.startsWith('story:')
          ? `${now.at}/stories/${encodeURIComponent(fields.sheet.slice('story:'.length))}`
          : `${now.at}${fields.story ? `#story-${encodeURIComponent(fields.story)}` : ''}`,
        303,
      );
    const sheet = sheetNamed(now, fields.sheet);
    c.header(
      'HX-Trigger',
      JSON.stringify({
        'edition-changed': {
          version: now.view.edition.version,
          own,
          sheet: sheet ? 'stays' : 'goes',
          ...(tells && { done: encodeURIComponent(worded(done, changeSummaries, now.language).text) }),
        },
      }),
    );
    return pieces(c, now, sheet);
  };

  /** Both sides of a conflict, and the edition as it is since. */
  const conflict = async (c: DeskCall, details: Conflict, fields: Fields): Promise<Response> => {
    const now = await look(c);
    const panel = (at: Look) => (
      <ConflictPanel look={at} conflict={details} fields={fields} action={c.req.path} />
    );
    if (!asksForPiece(c))
      return showDesk(
        c,
        <SheetPage c={c} look={now} title={now.say(isOwnConflict(now, details) ? 'conflictOwn' : 'conflict')}>
          {panel({ ...now, alone: true })}
        </SheetPage>,
        409,
      );
    // Above the form, which stays with what is being written in it.
    c.header('HX-Retarget', '#conflict');
    c.header('HX-Reswap', 'beforeend');
    return c.html(panel(now), 409);
  };

  return app;
}

const sendOf = (c: DeskCall, { view, language, now, at }: Look) => (
  <SendPanel edition={view.edition} session={c.var.session} language={language} now={now} back={at} />
);

/** The texts of a form, each the last that was given by its name. */
async function fieldsOf(c: DeskCall): Promise<Fields> {
  const given = await formOf(c);
  return Object.fromEntries(Object.entries(given).map(([name, values]) => [name, values.at(-1) ?? '']));
}
