/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx';
import { Button, Csrf, Dialog, Empty, Notice } from '../design/components.tsx';
import type { DeskCall } from '../env.ts';
import { DeskPage } from '../frame.tsx';
import { EditionHead } from './head.tsx';
import { asPiece, type Look } from './look.tsx';
import { type Other, Others } from './presence.tsx';
import { EditionParts } from './slots.tsx';
import { canBeBuilt, isBeingBuilt } from './view.ts';

interface EditionPageProps {
  c: DeskCall;
  look: Look;
  others: Other[];
  /** What went wrong with what was asked for, without script. */
  error?: string;
  preview: Child;
  /** What is to be mended. */
  checks: Child;
  send?: Child;
}

/** The edition's page: its stories on the left, what readers get on the right. */
export function EditionPage({ c, look, others, error, preview, checks, send }: EditionPageProps) {
  const { say, view } = look;
  const { edition, newsletter } = view;
  const isEmpty = view.slots.every(({ stories }) => stories.length === 0) && view.reserve.length === 0;
  return (
    <DeskPage
      c={c}
      title={edition.subject || newsletter.name}
      place="editions"
      width="wide"
      scripts={['edition', 'preview']}
      heading={<EditionHead look={look} others={<Others look={look} others={others} />} send={send} />}
    >
      {error ? <Notice mood="bad">{error}</Notice> : null}
      {isEmpty ? (
        <Empty
          title={say(
            isBeingBuilt(view) ? 'beingBuilt' : edition.state === 'skipped' ? 'wasSkipped' : 'emptyEdition',
          )}
        >
          <p>
            {say(
              isBeingBuilt(view)
                ? 'beingBuiltText'
                : edition.state === 'skipped'
                  ? 'wasSkippedText'
                  : 'emptyEditionText',
            )}
          </p>
          {canBeBuilt(view) ? (
            <form method="post" action={`${look.at}/build`}>
              <Csrf token={look.csrf} />
              <Button>{say('buildAnyway')}</Button>
              <p class="quiet small">{say('buildAnywayText')}</p>
            </form>
          ) : null}
        </Empty>
      ) : (
        <div
          class="ed"
          id="edition-page"
          data-at={look.at}
          data-tab="stories"
          data-can-edit={view.canEdit ? 'yes' : undefined}
          data-taken={say('taken', { place: '#', slot: '%' })}
          data-moved={say('movedTo', { place: '#', slot: '%' })}
          data-let-go={say('letGo')}
          data-put-down={say('putDown')}
        >
          <div class="ed-tabs tabs" role="tablist" aria-label={say('parts')}>
            <button
              type="button"
              role="tab"
              id="tab-stories"
              aria-selected="true"
              aria-controls="edition-side"
            >
              {say('stories')}
            </button>
            <button type="button" role="tab" id="tab-preview" aria-selected="false" aria-controls="preview">
              {say('preview')}
            </button>
          </div>
          <div class="ed-side" id="edition-side">
            <div class="ed-conflicts" id="conflict" aria-live="assertive" />
            {checks}
            <EditionParts look={look} />
          </div>
          <div class="ed-preview" id="preview">
            {preview}
          </div>
        </div>
      )}
      <p class="vh" id="said" role="status" aria-live="assertive" hx-sync="#edition-page:queue all" />
      {view.canEdit ? (
        <Dialog id="choose-again" title={say('chooseAgain')}>
          <p>{say('chooseAgainText')}</p>
          <form
            method="post"
            action={`${look.at}/choose-again`}
            {...asPiece(look, `${look.at}/choose-again`)}
          >
            <Csrf token={look.csrf} />
            <input type="hidden" name="base" value={edition.version} />
            <div class="ends">
              <Button type="button" data-close="">
                {say('cancel')}
              </Button>
              <Button kind="main" data-close="">
                {say('chooseAgain')}
              </Button>
            </div>
          </form>
        </Dialog>
      ) : null}
      <dialog id="sheet" class="big" aria-labelledby="sheet-title">
        <div class="ed-conflicts" id="sheet-conflict" aria-live="assertive" />
        <div class="inside" id="sheet-body" />
      </dialog>
    </DeskPage>
  );
}

/** A sheet as a page of its own: without script, or in a tab that was opened for it. Its forms have buttons, and are plain. */
export function SheetPage({
  c,
  look,
  title,
  children,
}: {
  c: DeskCall;
  look: Look;
  title: string;
  children: Child;
}) {
  const { say, view } = look;
  return (
    <DeskPage
      c={c}
      title={title}
      place="editions"
      width="narrow"
      scripts={['edition']}
      heading={
        <p>
          <Button href={look.at} icon="left" kind="plain">
            {view.newsletter.name} – {say('stories')}
          </Button>
        </p>
      }
    >
      <section class="card">
        <div class="stack">{children}</div>
      </section>
    </DeskPage>
  );
}
