/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { may } from '../../../access/roles.ts';
import type { Context } from '../../../context.ts';
import { messageOf } from '../../../errors.ts';
import { keptFindings } from '../../../rendering/checks/check-edition.ts';
import { type Settled, settle } from '../../../schedule/settle.ts';
import { Button } from '../design/components.tsx';
import type { DeskCall, DeskEnv, DeskSite } from '../env.ts';
import { DeskPage, showDesk } from '../frame.tsx';
import { asksForPiece } from '../toast.tsx';
import { speaking } from '../words/words.ts';
import { ChecksPanel } from './checks-panel.tsx';
import { checksTexts } from './checks-words.ts';
import { type EditionView, viewOf } from './view.ts';

// What asks again waits so long for an answer, and what has no script so long.
const patienceMs = 1500;
const longPatienceMs = 20_000;
const mostKept = 200;

/** `/desk/editions/ID/checks`: what is to be mended in an edition; it is rendered and checked as it is, if it was not. */
export function checksPages(context: Context, site: DeskSite): Hono<DeskEnv> {
  const app = new Hono<DeskEnv>();
  /** Why an edition's version could not be looked over; by the edition. */
  const problems = new Map<number, { version: number; problem: string }>();

  const look = async (c: DeskCall): Promise<EditionView> => {
    const view = await viewOf(context, Number(c.req.param('id')), c.var.session);
    if (!view || !may(c.var.session.user, 'view', view.newsletter.id)) throw new HTTPException(404);
    return view;
  };
  const problemOf = ({ edition }: EditionView) => {
    const known = problems.get(edition.id);
    return known?.version === edition.version ? known.problem : undefined;
  };
  const isKnown = (view: EditionView) =>
    keptFindings(view.edition) !== undefined || problemOf(view) !== undefined;

  /** Looks an edition over beside the answer, which waits for it for a while. */
  const lookedOver = async (view: EditionView, say: (what: string) => string, ms: number): Promise<void> => {
    const { id, version } = view.edition;
    let done: () => void = () => {};
    const over = new Promise<void>((resolve) => {
      done = resolve;
    });
    const note = (of: number, problem: string) => {
      if (problems.size >= mostKept) problems.clear();
      problems.set(id, { version: of, problem });
    };
    site.background.run(`checking edition ${id}`, async () => {
      try {
        const settled: Settled = await settle(context, id);
        if (settled.problem) note(settled.version, settled.problem);
      } catch (error) {
        context.log.warn({ editionId: id, error: messageOf(error) }, 'an edition could not be checked');
        note(version, say(messageOf(error)));
      } finally {
        done();
      }
    });
    const patience = AbortSignal.timeout(ms);
    await Promise.race([
      over,
      new Promise<void>((resolve) => patience.addEventListener('abort', () => resolve(), { once: true })),
    ]);
  };

  app.get('/:id{[0-9]{1,15}}/checks', async (c) => {
    const say = speaking(checksTexts, c.var.language);
    const piece = asksForPiece(c);
    let view = await look(c);
    if (!isKnown(view) && view.canEdit) {
      await lookedOver(view, (what) => say('failed', { what }), piece ? patienceMs : longPatienceMs);
      view = await look(c);
    }
    const alone = !piece || c.req.query('alone') === 'yes';
    const panel = (
      <ChecksPanel view={view} language={c.var.language} problem={problemOf(view)} alone={alone} />
    );
    if (piece) return c.html(panel);
    const back = `/desk/editions/${view.edition.id}`;
    return showDesk(
      c,
      <DeskPage
        c={c}
        title={`${say('checks')} – ${view.newsletter.name}`}
        place="editions"
        width="narrow"
        heading={
          <div class="head">
            <div>
              <h1>{view.edition.subject || view.newsletter.name}</h1>
              <p class="sub">{view.newsletter.name}</p>
            </div>
            <Button href={back} icon="left" kind="plain">
              {say('back')}
            </Button>
          </div>
        }
      >
        <div class="card">{panel}</div>
      </DeskPage>,
    );
  });

  return app;
}
