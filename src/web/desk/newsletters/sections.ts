import type { Context } from '../../../context.ts';
import { checkIds, parseCheckSettings } from '../../../editions/check-settings.ts';
import {
  listIdsOf,
  type Newsletter,
  type NewsletterFields,
  sourcesOf,
} from '../../../editions/newsletters.ts';
import { parseStopRates, type StopRates } from '../../../editions/stop-rates.ts';
import { preheaderOf, subjectOf } from '../../../editions/subject.ts';
import { parseTracking } from '../../../editions/tracking.ts';
import { UserError } from '../../../errors.ts';
import { languages } from '../../../rendering/words.ts';
import { parseAddress } from '../../../subscribers/address.ts';
import { errorSaid } from '../sayings/errors.ts';
import { ids, type Mistakes, one, type Say, ticked, type Values, whole } from './form-values.ts';
import { scheduleFrom, scheduleValues } from './schedule-form.ts';

type Fields = Partial<Omit<NewsletterFields, 'slug'>>;

/** A part of a newsletter's settings that is saved by itself. */
interface Section {
  /** What its form shows for what is saved. */
  values(newsletter: Newsletter, connected: Connected): Values;
  /** What its form asks for. Mistakes are put to their fields. */
  read(values: Values, newsletter: Newsletter, say: Say, mistakes: Mistakes): Promise<Fields> | Fields;
}

/** What a newsletter draws on and goes to. */
export interface Connected {
  listIds: number[];
  sourceIds: number[];
}

export const sectionNames = [
  'identity',
  'schedule',
  'audience',
  'content',
  'subjectTest',
  'control',
  'tracking',
  'sending',
] as const;
export type SectionName = (typeof sectionNames)[number];

/** What a newsletter draws on and goes to. */
export async function connectedTo(context: Pick<Context, 'db'>, newsletterId: number): Promise<Connected> {
  const [listIds, sourceIds = []] = await Promise.all([
    listIdsOf(context, newsletterId),
    sourcesOf(context, newsletterId),
  ]);
  return { listIds, sourceIds };
}

const on = (is: boolean): string[] => (is ? ['on'] : []);
const longestText = 300;

export const sections: Record<SectionName, Section> = {
  identity: {
    values: (newsletter) => ({
      name: [newsletter.name],
      description: [newsletter.description],
      fromName: [newsletter.from_name],
      fromAddress: [newsletter.from_address],
      replyTo: [newsletter.reply_to ?? ''],
    }),
    read: (values, _newsletter, say, mistakes) => {
      const name = one(values, 'name').slice(0, longestText);
      const replyTo = one(values, 'replyTo');
      if (name === '') mistakes.name = say('nameMissing');
      if (!isAddress(one(values, 'fromAddress'))) mistakes.fromAddress = say('noAddress');
      if (replyTo !== '' && !isAddress(replyTo)) mistakes.replyTo = say('noAddress');
      return {
        name,
        description: one(values, 'description').slice(0, longestText),
        fromName: one(values, 'fromName').slice(0, longestText) || name,
        fromAddress: one(values, 'fromAddress'),
        replyTo: replyTo || null,
      };
    },
  },
  schedule: {
    values: (newsletter) => ({
      ...scheduleValues(newsletter.cron, newsletter.time_zone),
      deliverAt: [newsletter.deliver_at?.slice(0, 5) ?? ''],
      catchUp: [newsletter.catch_up],
    }),
    read: (values, newsletter, say, mistakes) => {
      const schedule = scheduleFrom(values, say, mistakes);
      const deliverAt = one(values, 'deliverAt');
      if (deliverAt !== '' && !/^(?:[01]\d|2[0-3]):[0-5]\d$/.test(deliverAt))
        mistakes.deliverAt = say('noTime');
      else if (deliverAt !== '' && newsletter.subject_test !== null) mistakes.deliverAt = say('testNotLocal');
      const isSame = schedule?.cron === newsletter.cron && schedule.timeZone === newsletter.time_zone;
      return {
        // A schedule that is given counts from now on, also if it is the same.
        ...(isSame ? {} : schedule),
        deliverAt: deliverAt || null,
        catchUp: one(values, 'catchUp') === 'skip' ? 'skip' : 'latest',
      };
    },
  },
  audience: {
    values: (newsletter, { listIds, sourceIds }) => ({
      lists: listIds.map(String),
      segment: [String(newsletter.segment_id ?? '')],
      sources: sourceIds.map(String),
    }),
    read: (values) => ({
      listIds: ids(values, 'lists'),
      segmentId: ids(values, 'segment')[0] ?? null,
      sourceIds: ids(values, 'sources'),
    }),
  },
  content: {
    values: (newsletter) => ({
      subject: [newsletter.subject],
      preheader: [newsletter.preheader],
      language: [newsletter.language],
      languages: newsletter.languages,
      plainLinks: [newsletter.plain_links ?? ''],
      publicArchive: on(newsletter.public_archive),
    }),
    read: async (values, newsletter, say, mistakes) => {
      const subject = one(values, 'subject').slice(0, longestText);
      const preheader = one(values, 'preheader').slice(0, longestText);
      await checkPattern(subjectOf, subject, 'subject', say, mistakes);
      await checkPattern(preheaderOf, preheader, 'preheader', say, mistakes);
      const known = (tag: string) => languages.includes(tag);
      const language = known(one(values, 'language')) ? one(values, 'language') : newsletter.language;
      const plainLinks = one(values, 'plainLinks');
      return {
        subject,
        preheader,
        language,
        languages: (values.languages ?? []).filter((tag) => known(tag) && tag !== language),
        plainLinks: plainLinks === 'inline' || plainLinks === 'numbered' ? plainLinks : null,
        publicArchive: ticked(values, 'publicArchive'),
      };
    },
  },
  subjectTest: {
    values: ({ subject_test }) => {
      const test = subject_test as {
        patterns?: string[];
        share?: number;
        waitMinutes?: number;
        by?: string;
      } | null;
      return {
        tested: on(test !== null),
        patterns: [(test?.patterns ?? ['{{ second.title }}']).join('\n')],
        share: [String(Math.round((test?.share ?? 0.2) * 100))],
        waitMinutes: [String(test?.waitMinutes ?? 60)],
        by: [test?.by ?? 'clicks'],
      };
    },
    read: async (values, newsletter, say, mistakes) => {
      if (!ticked(values, 'tested')) return { subjectTest: null };
      const patterns = one(values, 'patterns')
        .split('\n')
        .map((line) => line.trim().slice(0, longestText))
        .filter(Boolean);
      const share = whole(values, 'share', 1, 90);
      const waitMinutes = whole(values, 'waitMinutes', 5, 2880);
      const by = one(values, 'by') === 'opens' ? 'opens' : 'clicks';
      const { privacy, opens } = parseTracking(newsletter.tracking);
      if (patterns.length < 1 || patterns.length > 3) mistakes.patterns = say('badPatterns');
      for (const pattern of patterns) await checkPattern(subjectOf, pattern, 'patterns', say, mistakes);
      if (share === undefined) mistakes.share = say('badShare');
      if (waitMinutes === undefined) mistakes.waitMinutes = say('badWait');
      if (newsletter.deliver_at !== null) mistakes.tested = say('testNotLocal');
      else if (privacy !== 'individual') mistakes.tested = say('testNeedsNames');
      else if (by === 'opens' && !opens) mistakes.by = say('testNeedsOpens');
      return { subjectTest: { patterns, share: (share ?? 20) / 100, waitMinutes: waitMinutes ?? 60, by } };
    },
  },
  control: {
    values: (newsletter) => {
      const { block, ignore, links } = parseCheckSettings(newsletter.checks);
      return {
        mode: [newsletter.mode],
        undoSeconds: [String(newsletter.undo_seconds)],
        block: [block],
        links: on(links),
        ignore,
      };
    },
    read: (values, _newsletter, say, mistakes) => {
      const undoSeconds = whole(values, 'undoSeconds', 0, 3600);
      if (undoSeconds === undefined) mistakes.undoSeconds = say('badUndo');
      return {
        mode: one(values, 'mode') === 'automatic' ? 'automatic' : 'approval',
        undoSeconds,
        checks: {
          block: one(values, 'block') === 'nothing' ? 'nothing' : 'errors',
          links: ticked(values, 'links'),
          ignore: checkIds.filter((id) => values.ignore?.includes(id)),
        },
      };
    },
  },
  tracking: {
    values: (newsletter) => {
      const { privacy, clicks, opens, utm } = parseTracking(newsletter.tracking);
      return {
        privacy: [privacy],
        clicks: on(clicks),
        opens: on(opens),
        utm: on(utm !== null),
        utmSource: [utm?.source ?? ''],
        utmMedium: [utm?.medium ?? 'email'],
        utmCampaign: [utm?.campaign ?? ''],
      };
    },
    read: (values, newsletter, say, mistakes) => {
      const privacy =
        (['off', 'aggregate'] as const).find((each) => each === one(values, 'privacy')) ?? 'individual';
      const opens = ticked(values, 'opens');
      const test = newsletter.subject_test as { by?: string } | null;
      if (test && privacy !== 'individual') mistakes.privacy = say('testNeedsNames');
      if (test?.by === 'opens' && !opens) mistakes.opens = say('testNeedsOpens');
      const part = (name: string) => {
        const text = one(values, name);
        if (text.length > 100) mistakes[name] = say('badUtm');
        return text;
      };
      const [source, medium, campaign] = [part('utmSource'), part('utmMedium'), part('utmCampaign')];
      return {
        tracking: {
          privacy,
          clicks: ticked(values, 'clicks'),
          opens,
          utm: ticked(values, 'utm')
            ? { ...(source && { source }), ...(medium && { medium }), ...(campaign && { campaign }) }
            : null,
        },
      };
    },
  },
  sending: {
    values: (newsletter) => ({
      onUncertain: [newsletter.on_uncertain],
      retryMinutes: [String(newsletter.retry_minutes)],
      ...stopValues(parseStopRates(newsletter.stop_rates)),
    }),
    read: (values, _newsletter, say, mistakes) => {
      const retryMinutes = whole(values, 'retryMinutes', 1, 10_080);
      if (retryMinutes === undefined) mistakes.retryMinutes = say('badRetry');
      return {
        onUncertain: one(values, 'onUncertain') === 'resend' ? 'resend' : 'skip',
        retryMinutes,
        stopRates: stopRatesFrom(values, say, mistakes),
      };
    },
  },
};

/** Rates as percentages, as people speak of them. */
const stopValues = ({ bounces, complaints, after }: StopRates): Values => ({
  stopBounces: [inPercent(bounces)],
  stopComplaints: [inPercent(complaints)],
  stopAfter: [String(after)],
});

const inPercent = (share: number) => String(Number((share * 100).toPrecision(10)));

function stopRatesFrom(values: Values, say: Say, mistakes: Mistakes): StopRates | undefined {
  const share = (name: string) => {
    const text = one(values, name).replace(',', '.');
    const percent = Number(text);
    if (/^\d{1,3}(?:\.\d{1,6})?$/.test(text) && percent <= 100)
      return Number((percent / 100).toPrecision(10));
    mistakes[name] = say('badPercent');
    return undefined;
  };
  const [bounces, complaints] = [share('stopBounces'), share('stopComplaints')];
  const after = whole(values, 'stopAfter', 1, 1_000_000);
  if (after === undefined) mistakes.stopAfter = say('badStopAfter');
  return bounces === undefined || complaints === undefined || after === undefined
    ? undefined
    : { bounces, complaints, after };
}

/** Whether a text is an address. */
export function isAddress(text: string): boolean {
  try {
    parseAddress(text);
    return true;
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}

async function checkPattern(
  fill: typeof subjectOf,
  pattern: string,
  field: string,
  say: Say,
  mistakes: Mistakes,
): Promise<void> {
  try {
    await fill(pattern, 'Broadsheet', []);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    mistakes[field] = errorSaid(error, say.language).text;
  }
}
