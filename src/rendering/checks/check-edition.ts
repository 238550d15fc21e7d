import type { Context } from '../../context.ts';
import { type CheckId, parseCheckSettings } from '../../editions/check-settings.ts';
import type { EditionContent } from '../../editions/content.ts';
import { contentOf, type Edition } from '../../editions/editions.ts';
import { triedSubjects } from '../../editions/subject-test.ts';
import { UserError } from '../../errors.ts';
import { linkSigner, readerLinks } from '../../links.ts';
import { parsePolicy } from '../../selection/policy.ts';
import type { ReaderValues } from '../assemble.ts';
import { type CompiledEdition, readerTexts } from '../compile.ts';
import { type CompiledForms, loadCompiled } from '../store.ts';
import { checkDeadLinks, type LinkLimits } from './dead-links.ts';
import { examinePages } from './examine-pages.ts';
import { bySeverity, type Finding, placeInWords } from './finding.ts';
import { largestChoice } from './largest-digest.ts';
import { examinedMessage } from './message.ts';
import { everyStory, examinedHtml, examinedText, type Names } from './page.ts';
import type { ExaminedForm } from './page-worker.ts';
import { checkLeftovers, checkSize, checkText, checkUnsubscribe, type DigestForm } from './parts.ts';
import { checkSender } from './spam.ts';
import { checkSubjects } from './subject-line.ts';

/** How an edition is checked. */
export interface CheckOptions {
  /** Whether links are followed; as the newsletter says, if not given. */
  links?: boolean;
  linkLimits?: LinkLimits;
  /** Checks that are left out, beside those that the newsletter leaves out. */
  ignore?: CheckId[];
}

/**
 * Checks an edition as it would be sent: its largest digest, every story's block, headers, subjects, and, if asked for,
 * whether its links lead to something. What is found is kept with the edition.
 * @returns findings, the worst first
 * @throws UserError if the edition has not been rendered as it is now, or the newsletter's settings of checks are wrong
 */
export async function checkEdition(
  context: Context,
  edition: Edition,
  options: CheckOptions = {},
): Promise<Finding[]> {
  const newsletter = await context.db
    .selectFrom('newsletters')
    .select(['checks', 'brand', 'languages'])
    .where('id', '=', edition.newsletter_id)
    .executeTakeFirstOrThrow();
  const settings = parseCheckSettings(newsletter.checks);
  const forms = await loadCompiled(context, edition);
  if (!forms)
    throw new UserError(`Edition ${edition.id} has not been rendered.`, {
      code: 'state',
      hint: `Build it: broadsheet editions build --edition ${edition.id}`,
    });
  if (forms.for({ language: null, untracked: true }).version !== edition.version)
    throw new UserError(`Edition ${edition.id} has been changed since it was rendered.`, {
      code: 'state',
      hint: `Build it again, or render it as it is: broadsheet editions edit ${edition.id}`,
    });
  const content = await contentOf(context, edition, parsePolicy(edition.policy).slots);
  const ignored = new Set<string>([...settings.ignore, ...(options.ignore ?? [])]);
  const links = (options.links ?? settings.links) && !ignored.has('dead-links');
  const values = await sampleValues(context, edition.id);
  const footer = (newsletter.brand as { footer?: unknown } | null)?.footer;

  const findings = [
    ...checkSubjects(
      [edition.subject, ...(await triedSubjects(context, edition.id))],
      edition.preheader,
      await lastSubject(context, edition),
    ),
    ...(await checkForms(context, content, forms, values, {
      languages: [edition.language, ...newsletter.languages],
      footer: typeof footer === 'string' ? footer : '',
      followLinks: links ? (options.linkLimits ?? {}) : undefined,
    })),
  ].filter(({ check }) => !ignored.has(check));
  const found = bySeverity(gathered(distinct(findings))).map((finding) => placed(finding, content));
  await context.db
    .updateTable('editions')
    .set({ findings: JSON.stringify(found), checked_version: edition.version })
    .where('id', '=', edition.id)
    // Somebody may have built it anew meanwhile.
    .where('version', '=', edition.version)
    .execute();
  return found;
}

/** What checks found in this version of an edition; undefined if it was not checked. */
export function keptFindings(edition: Edition): Finding[] | undefined {
  return edition.checked_version === edition.version && Array.isArray(edition.findings)
    ? (edition.findings as unknown as Finding[])
    : undefined;
}

/** Why an edition is not sent by itself, in a line; undefined: nothing stands against it. */
export function blockedBy(findings: Finding[], checks: unknown): string | undefined {
  if (parseCheckSettings(checks).block === 'nothing') return undefined;
  const errors = findings.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (!first) return undefined;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return `the checks found: ${first.message} [${placeInWords(first.where)}]${more}`;
}

interface FormOptions {
  languages: string[];
  footer: string;
  /** Undefined: links are not followed. */
  followLinks: LinkLimits | undefined;
}

async function checkForms(
  context: Context,
  content: EditionContent,
  forms: CompiledForms,
  values: Omit<ReaderValues, 'greeting' | 'email'>,
  { languages, footer, followLinks }: FormOptions,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const titles = new Map(content.stories.map(({ position, title }) => [position, title]));
  const kinds = [...new Set(languages)].flatMap((language) =>
    [true, false].map((untracked) => ({ language, untracked })),
  );
  const digests: DigestForm[] = [];
  const pages: ExaminedForm[] = [];
  const seen = new Set<CompiledEdition>();
  for (const kind of kinds) {
    const compiled = forms.for(kind);
    if (seen.has(compiled)) continue;
    seen.add(compiled);
    const place = {
      ...(compiled.language !== content.language && { language: compiled.language }),
      ...(!kind.untracked && { counted: true as const }),
    };
    const names = namesFor(compiled, titles, values);
    const choice = largestChoice(compiled);
    const message = examinedMessage(compiled, choice, names.values, context.clock.now());
    const whole = examinedHtml(compiled, everyStory(compiled), names);
    const text = examinedText(compiled, everyStory(compiled), names);
    findings.push(
      ...checkUnsubscribe(message, names.values, place),
      ...checkLeftovers('html', whole, content, place),
      ...checkLeftovers('text', text, content, place),
    );
    digests.push({ message, place });
    pages.push({ whole, digest: examinedHtml(compiled, choice, names), place });
  }
  findings.push(...checkSize(digests));
  if (digests[0]) findings.push(...checkSender(digests[0].message, footer));

  const examined = await examinePages({ forms: pages });
  if ('problem' in examined) {
    findings.push({
      check: 'checks',
      severity: 'warning',
      message: `Accessibility, client support, links and contrast could not be checked: ${examined.problem}.`,
      where: { part: 'checks' },
      mend: 'Check the edition again; if it stays so, look whether the theme’s HTML is very large.',
    });
    return findings;
  }
  findings.push(...examined.findings);
  for (const [index, { message, place }] of digests.entries())
    findings.push(...checkText(message, examined.visible[index] ?? '', place));
  if (followLinks) {
    // Our own pages are there, or nothing is sent; and the sample's links are nobody's.
    const others = examined.links.filter(({ url }) => !url.startsWith(`${context.config.publicUrl}/`));
    findings.push(...(await checkDeadLinks(context.config, others, followLinks)));
  }
  return findings;
}

function namesFor(
  compiled: CompiledEdition,
  titles: Map<number, string>,
  values: Omit<ReaderValues, 'greeting' | 'email'>,
): Names {
  const reader = { name: 'Alexandra Whitfield', email: 'alexandra.whitfield@example.com' };
  return { titles, values: { ...values, ...readerTexts(compiled, reader) } };
}

/** Links as a reader with a long number would get them. */
async function sampleValues(
  context: Context,
  editionId: number,
): Promise<Omit<ReaderValues, 'greeting' | 'email'>> {
  return readerLinks(context.config.publicUrl, await linkSigner(context), 999_999_999, editionId);
}

async function lastSubject(context: Context, edition: Edition): Promise<string | undefined> {
  const row = await context.db
    .selectFrom('editions')
    .select('subject')
    .where('newsletter_id', '=', edition.newsletter_id)
    .where('scheduled_for', '<', edition.scheduled_for)
    .where('state', 'in', ['approved', 'sending', 'paused', 'sent'])
    .orderBy('scheduled_for', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.subject;
}

// The same in several slots, or with counted links as well as without, is one thing to mend.
function distinct(findings: Finding[]): Finding[] {
  const seen = new Set<string>();
  return findings.filter(({ check, message, where: { slot: _, line: __, counted: ___, ...where } }) => {
    const key = JSON.stringify([check, message, where]);
    return seen.has(key) ? false : seen.add(key);
  });
}

/** With what names the place for a page that links to it. */
function placed(finding: Finding, { stories }: EditionContent): Finding {
  const { story, part, element = '' } = finding.where;
  const found = story && stories.find(({ position }) => position === story.number - 1);
  const isImage = finding.check === 'images' || element.startsWith('<img');
  const ofStory =
    found && (found.kind === 'note' ? 'note' : isImage ? 'image' : part === 'link' ? 'link' : undefined);
  const field = finding.where.field ?? (part === 'subject' || part === 'preheader' ? part : ofStory);
  return {
    ...finding,
    where: {
      ...finding.where,
      ...(story && found?.key && { story: { ...story, key: found.key } }),
      ...(field && { field }),
    },
  };
}

const mostAlike = 3;

// What a theme does to every story is told once. Links are each a matter of their own.
function gathered(findings: Finding[]): Finding[] {
  const alike = Map.groupBy(findings, ({ check, severity, message, where }) =>
    JSON.stringify([check, severity, message, where.part === 'link' ? where.element : '']),
  );
  return [...alike.values()].flatMap((group) => {
    const [first] = group;
    return first && group.length > mostAlike
      ? [{ ...first, message: `${first.message} So it is in ${group.length - 1} other places.` }]
      : group;
  });
}
