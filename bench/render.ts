import { createElement } from 'react';
import { render, toPlainText } from 'react-email';
import Broadsheet from '../emails/broadsheet.tsx';
import { shareUrlOf } from '../src/links.ts';
import { assembleMessage, type Choice, type ReaderValues } from '../src/rendering/assemble.ts';
import {
  type CompiledBody,
  type CompiledEdition,
  compileEdition,
  readerTexts,
  serialiseCompiled,
} from '../src/rendering/compile.ts';
import { planSlots, themeProps } from '../src/rendering/props.ts';
import type { ThemeProps } from '../src/rendering/theme-props.ts';
import { benchContent } from './edition.ts';
import { byTurns, type Measurement, type MeasureOptions, median, rounded, secondsOf } from './measure.ts';

const ourMessages = 20_000;
const theirMessages = 30;
const date = new Date('2026-11-24T07:00:00Z');

/**
 * One reader's message: HTML, text and headers put together from a compiled edition of forty stories, against the same
 * React Email template rendered for the reader with the same ten stories (its HTML and text; beside it, its HTML alone).
 */
export async function measureRender({ rounds = 7, say }: MeasureOptions): Promise<Measurement> {
  const content = benchContent(40);
  await compileEdition(content); // Starts the template thread and bundles the template.
  const compileTimes: number[] = [];
  let compiled: CompiledEdition | undefined;
  for (let round = 0; round < rounds; round++)
    compileTimes.push(
      await secondsOf(async () => {
        compiled = await compileEdition(content);
      }),
    );
  const inFourLanguages = await secondsOf(async () => {
    for (const language of ['en', 'de', 'ar', 'ja']) await compileEdition({ ...content, language });
  });
  const edition = compiled!;
  // Choices as readers have them: never the same ten in the same order twice in a row.
  const choices: Choice[] = Array.from({ length: 97 }, (_, reader) => [
    [reader % 40],
    [1, 2, 3, 4].map((step) => (reader + step * 3) % 40),
    [1, 2, 3, 4, 5].map((step) => (reader + 13 + step * 4) % 40),
  ]);

  let bytes = 0;
  const assembleAll = async () => {
    bytes = 0;
    for (let reader = 0; reader < ourMessages; reader++)
      for (const part of assembleMessage(
        edition,
        choices[reader % choices.length]!,
        valuesFor(edition, reader),
        {
          to: `reader${reader}@mail.test`,
          toName: `Reader ${reader}`,
          messageId: `<1-${reader}-aa@news.example.com>`,
          date,
          unsubscribeMail: `bounces+u1-${reader}-aa@news.example.com`,
        },
      ))
        bytes += part.length;
  };
  const tenStories = benchContent(40);
  tenStories.stories = tenStories.stories.slice(0, 10).map((story, index) => ({
    ...story,
    pinned: true,
    slot: index === 0 ? 'lead' : index < 5 ? 'top' : 'brief',
  }));
  const props = themeProps(tenStories, planSlots(tenStories));
  let referenceBytes = 0;
  const renderAll = async (alsoText: boolean) => {
    referenceBytes = 0;
    for (let reader = 0; reader < theirMessages; reader++) {
      const html = await render(createElement(Broadsheet, propsFor(props, edition, reader)));
      referenceBytes += html.length + (alsoText ? toPlainText(html).length : 0);
    }
  };

  await assembleAll();
  await renderAll(true);
  const [ours = 0, htmlOnly = 0, htmlAndText = 0] = await byTurns(
    rounds,
    async () => ((await secondsOf(assembleAll)) / ourMessages) * 1e6,
    async () => ((await secondsOf(() => renderAll(false))) / theirMessages) * 1e6,
    async () => ((await secondsOf(() => renderAll(true))) / theirMessages) * 1e6,
  );
  const result = {
    name: 'render',
    ours: rounded(ours),
    oursUnit: 'µs a message (HTML, text and headers, encoded)',
    // What is sent has a text too.
    reference: rounded(htmlAndText),
    referenceUnit: 'µs a message (HTML and text, not encoded)',
    ratio: rounded(htmlAndText / ours),
    referenceHtmlOnly: rounded(htmlOnly),
    ratioHtmlOnly: rounded(htmlOnly / ours),
    messageKilobytes: rounded(bytes / ourMessages / 1000),
    referenceKilobytes: rounded(referenceBytes / theirMessages / 1000),
    compile40StoriesMs: rounded(median(compileTimes) * 1000),
    compileFourLanguagesMs: rounded(inFourLanguages * 1000),
    compiledKilobytes: rounded((sizeOf(edition.html) + sizeOf(edition.text)) / 1000),
    storedKilobytes: rounded(serialiseCompiled(edition).length / 1000),
    rounds,
  };
  say(
    `a message has ${result.messageKilobytes} KB; for its HTML alone the reference takes ${result.referenceHtmlOnly} µs`,
  );
  say(
    `compiling 40 stories takes ${result.compile40StoriesMs} ms, in four languages ${result.compileFourLanguagesMs} ms, once an edition; it holds ${result.compiledKilobytes} KB, stored in ${result.storedKilobytes} KB`,
  );
  return result;
}

function valuesFor(edition: CompiledEdition, reader: number): ReaderValues {
  return {
    ...readerTexts(edition, { name: `Reader ${reader}`, email: `reader${reader}@mail.test` }),
    unsubscribeUrl: `https://news.example.com/unsubscribe/1-${reader}-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa`,
    preferencesUrl: `https://news.example.com/preferences/1-${reader}-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa`,
    viewUrl: `https://news.example.com/view/1-${reader}-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa`,
    token: `1-${reader}-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa`,
  };
}

function propsFor(props: ThemeProps, edition: CompiledEdition, reader: number): ThemeProps {
  const values = valuesFor(edition, reader);
  const why = `You get this because ${values.email} is subscribed to ${edition.newsletter.name}.`;
  return { ...props, reader: { ...values, why, shareUrl: shareUrlOf(values.viewUrl) } };
}

/** The bytes that a compiled body keeps in memory. */
function sizeOf(body: CompiledBody): number {
  let size = 0;
  for (const part of body) {
    if (Buffer.isBuffer(part)) size += part.length;
    else if (typeof part === 'object')
      for (const piece of [...part.before, ...[...part.blocks.values()].flat(), ...part.after])
        if (Buffer.isBuffer(piece)) size += piece.length;
  }
  return size;
}
