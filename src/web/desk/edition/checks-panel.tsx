/** @jsxImportSource hono/jsx */
import { parseCheckSettings } from '../../../editions/check-settings.ts';
import { keptFindings } from '../../../rendering/checks/check-edition.ts';
import { type Finding, type Severity, severities, shortened } from '../../../rendering/checks/finding.ts';
import { languageNames } from '../../words/words.ts';
import { Notice, State } from '../design/components.tsx';
import { findingSayings } from '../sayings/findings.ts';
import { Told } from '../sayings/told.tsx';
import { type DeskLanguage, type Speak, speaking } from '../words/words.ts';
import { checksTexts } from './checks-words.ts';
import { SheetLink } from './look.tsx';
import { type Asked, plainly, queryOf } from './preview-asked.ts';
import type { EditionView } from './view.ts';

type ChecksSpeak = Speak<keyof (typeof checksTexts)['en']>;

interface PanelProps {
  view: EditionView;
  language: DeskLanguage;
  /** Why it cannot be looked over: what is wrong with the template, or with the checks. */
  problem?: string | undefined;
  /** It has a page to itself. */
  alone?: boolean;
}

const changeable = ['draft', 'review', 'approved'];

/**
 * What the checks found in an edition as it is now. While it is not known yet the panel asks for itself again, and so it
 * does after each change.
 */
export function ChecksPanel({ view, language, problem, alone }: PanelProps) {
  const say = speaking(checksTexts, language);
  const at = `/desk/editions/${view.edition.id}`;
  const findings = keptFindings(view.edition);
  const waits = !findings && !problem && view.canEdit;
  // Typing pauses before it is looked over again.
  const trigger = [waits && 'load delay:250ms', view.canEdit && 'edition-changed from:body delay:900ms'];
  return (
    <section
      class="ck"
      id="checks"
      aria-labelledby="checks-title"
      aria-busy={waits ? 'true' : undefined}
      data-version={view.edition.version}
      hx-get={`${at}/checks${alone ? '?alone=yes' : ''}`}
      hx-trigger={trigger.filter(Boolean).join(', ') || undefined}
      hx-target="this"
      hx-swap="outerHTML"
      hx-sync="this:replace"
    >
      <header class="ck-head">
        <h2 id="checks-title">{say('checks')}</h2>
        <Standing view={view} say={say} findings={findings} problem={problem} />
      </header>
      {problem ? <Notice mood="bad">{problem}</Notice> : null}
      {findings ? (
        <Findings view={view} language={language} say={say} findings={findings} at={at} alone={alone} />
      ) : problem ? null : (
        <p class={alone ? 'quiet small' : 'quiet small without-script'}>
          {say(view.canEdit ? 'checkingText' : 'notYetText')}{' '}
          <a class="without-script" href={`${at}/checks`}>
            {say('again')}
          </a>
        </p>
      )}
    </section>
  );
}

function Standing({
  view,
  say,
  findings,
  problem,
}: {
  view: EditionView;
  say: ChecksSpeak;
  findings: Finding[] | undefined;
  problem: string | undefined;
}) {
  if (problem) return <State mood="bad">{say('problem')}</State>;
  if (!findings)
    return view.canEdit ? (
      <State mood="busy">{say('checking')}</State>
    ) : (
      <State mood="plain">{say('notYet')}</State>
    );
  const of = (severity: Severity) => findings.filter((each) => each.severity === severity).length;
  const [errors, warnings, hints] = severities.map(of) as [number, number, number];
  if (errors > 0)
    return <State mood="bad">{say(blocks(view) ? 'blocked' : 'errors', { count: errors })}</State>;
  if (warnings > 0) return <State mood="wait">{say('warnings', { count: warnings })}</State>;
  if (hints > 0) return <State mood="good">{say('hints', { count: hints })}</State>;
  return <State mood="good">{say('good')}</State>;
}

/** Whether errors stop the edition's approval: as the newsletter says. */
function blocks({ newsletter, edition }: EditionView): boolean {
  return changeable.includes(edition.state) && parseCheckSettings(newsletter.checks).block !== 'nothing';
}

interface FindingsProps {
  view: EditionView;
  language: DeskLanguage;
  say: ChecksSpeak;
  findings: Finding[];
  at: string;
}

const namesOf = { error: 'errors', warning: 'warnings', hint: 'hints' } as const;
const saysOf = { error: 'errorsText', warning: 'warningsText', hint: 'hintsText' } as const;

function Findings({ findings, alone, ...rest }: FindingsProps & { alone?: boolean | undefined }) {
  const { say } = rest;
  if (findings.length === 0) return alone ? <p class="quiet small">{say('goodText')}</p> : null;
  return (
    <>
      {severities.map((severity) => {
        const found = findings.filter((each) => each.severity === severity);
        if (found.length === 0) return null;
        return (
          <details
            class={`ck-group ${severity}`}
            id={`checks-${severity}`}
            open={
              severity === 'error' || (alone && (severity === 'warning' || found.length === findings.length))
            }
          >
            <summary>
              <span class="ck-count">{say(namesOf[severity], { count: found.length })}</span>
              <span class="quiet">{say(saysOf[severity])}</span>
            </summary>
            <ul>
              {found.map((finding) => (
                <One {...rest} finding={finding} />
              ))}
            </ul>
          </details>
        );
      })}
    </>
  );
}

function One({ finding, ...rest }: Omit<FindingsProps, 'findings'> & { finding: Finding }) {
  const { view, say } = rest;
  const { message, mend, where, severity } = finding;
  return (
    <li class="ck-one">
      <p class="ck-says">
        <Told text={message} sayings={findingSayings} language={rest.language} />{' '}
        {severity === 'error' && blocks(view) ? <span class="ck-blocks">{say('blocks')}</span> : null}
      </p>
      <p class="ck-mend">
        <PlaceLink {...rest} finding={finding} />{' '}
        <span>
          <Told text={mend} sayings={findingSayings} language={rest.language} />
        </span>
      </p>
      {where.element ? <code class="ck-element">{shortened(where.element, 120)}</code> : null}
    </li>
  );
}

/** Leads to what would be changed to mend it: the form of a story, a line, or the place in the preview. */
function PlaceLink({
  view,
  say,
  at,
  language,
  finding,
}: Omit<FindingsProps, 'findings'> & { finding: Finding }) {
  const { part, story, field, language: frame } = finding.where;
  const placed = wordsOf(finding, say);
  const named = frame
    ? new Intl.DisplayNames(language, { type: 'language', fallback: 'code' }).of(frame)
    : undefined;
  const words = named
    ? say('inLanguage', {
        where: placed,
        language: languageNames.some(([tag]) => tag === frame) ? named : (frame ?? named),
      })
    : placed;
  const preview = (more: Partial<Asked>) =>
    `${at}/preview?${queryOf({ ...plainly, language: frame, ...more })}`;
  if (story?.key) {
    if (view.canEdit && (field === 'image' || field === 'note' || field === 'link'))
      return (
        <SheetLink href={`${at}/${field === 'note' ? 'notes' : 'stories'}/${story.key}`}>{words}</SheetLink>
      );
    return (
      <a href={`${at}#story-${story.key}`} data-shows-story={story.key}>
        {words}
      </a>
    );
  }
  if (field === 'subject' || field === 'preheader') return <a href={`${at}#${field}`}>{words}</a>;
  if (field === 'tried') return <a href={`${at}#tried`}>{words}</a>;
  if (part === 'checks') return null;
  const show = part === 'header' ? 'source' : part === 'text' ? 'text' : 'html';
  return <a href={preview({ show })}>{words}</a>;
}

function wordsOf({ where: { part, story, field } }: Finding, say: ChecksSpeak): string {
  if (story) return say('inStory', { title: shortened(story.title, 48) });
  if (field === 'tried') return say('inTried');
  if (part === 'subject') return say('inSubject');
  if (part === 'preheader') return say('inPreheader');
  if (part === 'header') return say('inHeader');
  if (part === 'text') return say('inText');
  return say(part === 'link' ? 'inLink' : 'inHtml');
}
