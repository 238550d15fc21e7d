/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { may } from '../../../access/roles.ts';
import type { Context } from '../../../context.ts';
import { type Preview, previewOf, type SampleReaders, sampleReaders } from '../../../delivery/preview.ts';
import { messageOf, UserError } from '../../../errors.ts';
import { parseAddress } from '../../../subscribers/address.ts';
import { Button } from '../design/components.tsx';
import type { DeskCall, DeskEnv } from '../env.ts';
import { DeskPage, showDesk } from '../frame.tsx';
import { type DeskLanguage, speaking } from '../words/words.ts';
import { heatPage, linkHeat } from './heat.ts';
import { HeatTable } from './heat-table.tsx';
import { type Asked, askedBy, readerIn } from './preview-asked.ts';
import { framed, frameHeaders, hashOfSeen, saidPage, sourcePage, textPage } from './preview-frame.ts';
import { PreviewPane, ReaderChoice } from './preview-pane.tsx';
import { PreviewReasons } from './preview-reasons.tsx';
import { previewTexts } from './preview-words.ts';
import { type EditionView, viewOf } from './view.ts';

const id = ':id{[0-9]{1,15}}';
const samplesForMs = 10 * 60_000;

/** `/desk/editions/ID/preview`: an edition as readers get it. */
export function previewPages(context: Context): Hono<DeskEnv> {
  const app = new Hono<DeskEnv>();
  const known = new Map<number, { until: number; samples: Promise<SampleReaders[]> }>();

  const look = async (c: DeskCall): Promise<EditionView> => {
    const view = await viewOf(context, Number(c.req.param('id')), c.var.session);
    if (!view || !may(c.var.session.user, 'view', view.newsletter.id)) throw new HTTPException(404);
    return view;
  };
  /** What is asked for, if whoever asks may see it: what a subscriber gets, only who may also change the edition. */
  const asked = async (c: DeskCall, view: EditionView): Promise<Asked> => {
    const wanted = askedBy(c.req.queries());
    const reader = readerIn(wanted.reader);
    if (typeof reader === 'object' && 'subscriberId' in reader) {
      if (!may(c.var.session.user, 'edit', view.newsletter.id)) throw new HTTPException(403);
      if (!(await subscriberOf(view, { id: reader.subscriberId }))) throw new HTTPException(404);
    }
    return wanted;
  };
  /** A reader of the newsletter, by id or by address. */
  const subscriberOf = async (view: EditionView, by: { id: number } | { key: string }) =>
    context.db
      .selectFrom('subscribers')
      .select(['id', 'email'])
      .where((e) => ('id' in by ? e('id', '=', by.id) : e('email_key', '=', by.key)))
      .where((e) =>
        e.exists(
          e
            .selectFrom('subscriptions')
            .innerJoin('newsletter_lists', 'newsletter_lists.list_id', 'subscriptions.list_id')
            .select('subscriptions.list_id')
            .whereRef('subscriptions.subscriber_id', '=', 'subscribers.id')
            .where('newsletter_lists.newsletter_id', '=', view.newsletter.id),
        ),
      )
      .executeTakeFirst();
  const samplesOf = (newsletterId: number): Promise<SampleReaders[]> => {
    const now = context.clock.now().getTime();
    const held = known.get(newsletterId);
    if (held && held.until > now) return held.samples;
    const samples = sampleReaders(context, newsletterId);
    known.set(newsletterId, { until: now + samplesForMs, samples });
    samples.catch(() => known.delete(newsletterId));
    return samples;
  };
  const composed = (view: EditionView, { reader, language, images }: Asked): Promise<Preview> =>
    previewOf(context, view.edition, { reader: readerIn(reader) ?? 'anybody', language, images });

  app.get(`/${id}/preview.html`, async (c) => {
    const view = await look(c);
    const wanted = await asked(c, view);
    const say = speaking(previewTexts, c.var.language);
    for (const [name, value] of Object.entries(frameHeaders)) c.header(name, value);
    try {
      const html = await frameOf(view, wanted, say('nothing'), c.var.language);
      c.header('Preview-Hash', hashOfSeen(html));
      return c.html(html);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return c.html(saidPage(`${say('problem')}: ${messageOf(error)}`, wanted.dark), 422);
    }
  });

  const frameOf = async (
    view: EditionView,
    wanted: Asked,
    nothing: string,
    speaks: DeskLanguage,
  ): Promise<string> => {
    if (wanted.show === 'clicks' && view.clicks) {
      const heat = await linkHeat(context, view.edition.id);
      return framed(
        await heatPage(context, view.edition, heat, { language: wanted.language, speaks }),
        wanted.dark,
      );
    }
    const preview = await composed(view, wanted);
    if (preview.isEmpty) return saidPage(nothing, wanted.dark);
    const language = wanted.language ?? view.edition.language;
    if (wanted.show === 'text') return textPage(preview.text, wanted.dark, language);
    if (wanted.show === 'source') return sourcePage(preview.source, wanted.dark);
    return framed(preview.html, wanted.dark);
  };

  app.get(`/${id}/preview`, async (c) => {
    const view = await look(c);
    const say = speaking(previewTexts, c.var.language);
    const address = (c.req.query('address') ?? '').trim();
    let wanted = await asked(c, view);
    let error: string | undefined;
    if (address) {
      if (!may(c.var.session.user, 'edit', view.newsletter.id)) throw new HTTPException(403);
      const found = await foundBy(view, address);
      if (found) wanted = { ...wanted, reader: `subscriber:${found.id}` };
      else error = say('findNone', { address });
    }
    const reader = readerIn(wanted.reader);
    const somebody =
      typeof reader === 'object' && 'subscriberId' in reader
        ? await subscriberOf(view, { id: reader.subscriberId })
        : undefined;
    return showDesk(
      c,
      <DeskPage
        c={c}
        title={`${say('preview')} – ${view.newsletter.name}`}
        place="editions"
        width="wide"
        scripts={['preview']}
        heading={
          <div class="head">
            <div>
              <h1>{view.edition.subject || view.newsletter.name}</h1>
              <p class="sub">
                {say('preview')} · {view.newsletter.name}
              </p>
            </div>
            <Button href={`/desk/editions/${view.edition.id}`} icon="left" kind="plain">
              {say('back')}
            </Button>
          </div>
        }
      >
        <PreviewPane
          view={view}
          session={c.var.session}
          language={c.var.language}
          asked={wanted}
          samples={await samplesOf(view.newsletter.id)}
          address={somebody?.email}
          error={error}
          alone
        />
      </DeskPage>,
      error ? 404 : 200,
    );
  });

  const foundBy = async (view: EditionView, address: string) => {
    try {
      return await subscriberOf(view, { key: parseAddress(address).key });
    } catch (error) {
      if (error instanceof UserError) return undefined;
      throw error;
    }
  };

  /** The choice of readers: with the typical ones, and with the one whose address is given. */
  app.get(`/${id}/preview/readers`, async (c) => {
    const view = await look(c);
    const say = speaking(previewTexts, c.var.language);
    const address = (c.req.query('address') ?? '').trim();
    let wanted = await asked(c, view);
    let found: { id: number; email: string } | undefined;
    if (address) {
      if (!may(c.var.session.user, 'edit', view.newsletter.id)) throw new HTTPException(403);
      found = await foundBy(view, address);
      if (!found) return c.html(<p class="toast bad">{say('findNone', { address })}</p>, 404);
      wanted = { ...wanted, reader: `subscriber:${found.id}` };
    }
    return c.html(
      <ReaderChoice
        say={say}
        language={c.var.language}
        samples={await samplesOf(view.newsletter.id)}
        asked={wanted}
        address={found?.email}
      />,
    );
  });

  app.get(`/${id}/preview/why`, async (c) => {
    const view = await look(c);
    const wanted = await asked(c, view);
    if (wanted.show === 'clicks' && view.clicks)
      return c.html(
        <HeatTable view={view} heat={await linkHeat(context, view.edition.id)} language={c.var.language} />,
      );
    const { placements } = await composed(view, { ...wanted, images: true });
    return c.html(<PreviewReasons view={view} placements={placements} language={c.var.language} />);
  });

  return app;
}
