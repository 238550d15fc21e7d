/** @jsxImportSource hono/jsx */
import { may } from '../../../access/roles.ts';
import type { SampleReaders } from '../../../delivery/preview.ts';
import { languageNames } from '../../words/words.ts';
import { Button, Input, Notice, Select } from '../design/components.tsx';
import { Icon } from '../design/icons.tsx';
import type { DeskSession } from '../env.ts';
import { type DeskLanguage, percent, type Speak, speaking } from '../words/words.ts';
import { type Asked, plainly, queryOf, shows, widths } from './preview-asked.ts';
import { previewTexts } from './preview-words.ts';
import type { EditionView } from './view.ts';

/** How the preview speaks. */
export type PreviewSpeak = Speak<keyof (typeof previewTexts)['en']>;

interface PaneProps {
  view: EditionView;
  session: DeskSession;
  language: DeskLanguage;
  asked?: Asked;
  /** Of the newsletter's readers; if not given, they are loaded when the page is there. */
  samples?: SampleReaders[];
  /** The address of the subscriber whose it is. */
  address?: string;
  /** What was wrong with an address. */
  error?: string;
  /** It has a page to itself. */
  alone?: boolean;
}

/**
 * An edition as readers get it, in a frame that can run nothing, with ways to look at it. The page that shows it names
 * the script `preview` among its own; without script each way is a page.
 */
export function PreviewPane(props: PaneProps) {
  const { view, language, asked = plainly, alone } = props;
  const say = speaking(previewTexts, language);
  const at = `/desk/editions/${view.edition.id}`;
  return (
    <section
      class={alone ? 'pv pv-whole' : 'pv'}
      id="preview-pane"
      aria-label={say('preview')}
      data-at={at}
      data-version={view.edition.version}
      data-gone={say('gone')}
    >
      <Tools {...props} asked={asked} say={say} at={at} />
      <div class="pv-stage" data-width={asked.width} data-show={asked.show}>
        <iframe
          class="pv-frame"
          src={`${at}/preview.html?${queryOf(asked)}`}
          title={say('previewOf', { what: view.edition.subject })}
          sandbox=""
          referrerpolicy="no-referrer"
        />
      </div>
      <div class="pv-foot">
        <p class="quiet small pv-dark-hint">{say('darkHint')}</p>
        <details class="fold pv-why" id="preview-why">
          <summary data-why={say('why')} data-clicks={say('clicksTable')}>
            {say(asked.show === 'clicks' ? 'clicksTable' : 'why')}
          </summary>
          <div id="preview-reasons" data-src={`${at}/preview/why`}>
            {alone ? null : (
              <p class="without-script">
                <a href={`${at}/preview?${queryOf(asked)}`}>{say('wide')}</a>
              </p>
            )}
          </div>
        </details>
      </div>
    </section>
  );
}

interface ToolsProps extends PaneProps {
  asked: Asked;
  say: PreviewSpeak;
  at: string;
}

function Tools({ view, session, language, asked, samples, address, error, alone, say, at }: ToolsProps) {
  const languages = [...new Set([view.edition.language, ...view.newsletter.languages])];
  const chosen = asked.language ?? view.edition.language;
  return (
    <form class="pv-tools" method="get" action={`${at}/preview`} id="preview-tools" data-preview-tools="">
      <input type="hidden" name="width" value={asked.width} />
      <input type="hidden" name="scheme" value={asked.dark ? 'dark' : 'light'} />
      <input type="hidden" name="images" value={asked.images ? 'on' : 'off'} />
      <input type="hidden" name="show" value={asked.show} />
      <div class="pv-row">
        <fieldset class="segments">
          <legend class="vh">{say('show')}</legend>
          {shows
            .filter((each) => each !== 'clicks' || view.clicks !== undefined)
            .map((each) => (
              <Button little name="show" value={each} pressed={asked.show === each}>
                {say(each)}
              </Button>
            ))}
        </fieldset>
        <span class="pv-looks">
          <fieldset class="segments">
            <legend class="vh">{say('width')}</legend>
            {widths.map((each) => (
              <Button
                little
                icon={each}
                label={say(each)}
                name="width"
                value={each}
                pressed={asked.width === each}
              />
            ))}
          </fieldset>
          <Button
            little
            icon="moon"
            label={say('dark')}
            name="scheme"
            value={asked.dark ? 'light' : 'dark'}
            pressed={asked.dark}
            data-on="dark"
            data-off="light"
          />
          <Button
            little
            icon="image"
            label={say('noImages')}
            name="images"
            value={asked.images ? 'off' : 'on'}
            pressed={!asked.images}
            data-on="off"
            data-off="on"
          />
          {alone ? null : (
            <a
              class="button bare little"
              href={`${at}/preview?${queryOf(asked)}`}
              aria-label={say('wide')}
              title={say('wide')}
              id="preview-alone"
            >
              <Icon name="external" size={16} />
            </a>
          )}
        </span>
      </div>
      <div class="pv-row pv-whose">
        <div id="preview-readers" class="pv-readers">
          <ReaderChoice
            say={say}
            language={language}
            samples={samples}
            asked={asked}
            address={address}
            load={samples ? undefined : `${at}/preview/readers`}
          />
        </div>
        {languages.length > 1 ? (
          <Select
            id="preview-language"
            name="language"
            label={say('language')}
            value={chosen}
            options={languages.map((each) => [each, languageName(each)] as const)}
          />
        ) : null}
        <span class="without-script">
          <Button little>{say('update')}</Button>
        </span>
        {may(session.user, 'edit', view.newsletter.id) ? (
          <details class="menu pv-find" open={error ? true : undefined}>
            <summary class="button little">
              <Icon name="search" size={16} />
              {say('somebody')}
            </summary>
            <div class="sheet">
              <Input
                id="preview-address"
                name="address"
                label={say('address')}
                placeholder={say('findPlaceholder')}
                autocomplete="off"
                inputmode="email"
                spellcheck={false}
                error={error}
              />
              <Button little name="find" value="yes">
                {say('find')}
              </Button>
            </div>
          </details>
        ) : null}
      </div>
      {error ? <Notice mood="wait">{error}</Notice> : null}
    </form>
  );
}

interface ReaderChoiceProps {
  say: PreviewSpeak;
  language: DeskLanguage;
  samples: SampleReaders[] | undefined;
  asked: Pick<Asked, 'reader'>;
  address: string | undefined;
  /** Where the typical readers are to be had. */
  load?: string | undefined;
}

/** Whose digest is shown. */
export function ReaderChoice({ say, language, samples = [], asked, address, load }: ReaderChoiceProps) {
  const options: [string, string][] = samples.map(({ reader, share }) => [
    JSON.stringify(reader),
    say('among', { what: inWords(reader, say), share: percent(share, language) }),
  ]);
  const isOther = asked.reader !== 'anybody' && !options.some(([value]) => value === asked.reader);
  return (
    <div
      class="field"
      {...(load && { 'hx-get': load, 'hx-trigger': 'load', 'hx-swap': 'outerHTML', 'hx-target': 'this' })}
    >
      <label for="preview-reader">{say('reader')}</label>
      <select id="preview-reader" name="reader">
        <option value="anybody" selected={asked.reader === 'anybody'}>
          {say('anybody')}
        </option>
        {isOther ? (
          <option value={asked.reader} selected>
            {address ?? wishesIn(asked.reader, say)}
          </option>
        ) : null}
        {options.length > 0 ? (
          <optgroup label={say('typical')}>
            {options.map(([value, text]) => (
              <option value={value} selected={value === asked.reader}>
                {text}
              </option>
            ))}
          </optgroup>
        ) : null}
      </select>
    </div>
  );
}

function wishesIn(reader: string, say: PreviewSpeak): string {
  return reader.startsWith('{')
    ? inWords(JSON.parse(reader) as SampleReaders['reader'], say)
    : say('somebody');
}

/** Wishes in a few words: "weekly, mutes sport". */
function inWords(
  { frequency, topics, mutedTopics, mutedSources }: SampleReaders['reader'],
  say: PreviewSpeak,
) {
  const muted = [...mutedTopics, ...mutedSources];
  return [
    (frequencies as readonly string[]).includes(frequency)
      ? say(frequency as (typeof frequencies)[number])
      : frequency,
    topics.length > 0 ? say('chooses', { what: few(topics) }) : '',
    muted.length > 0 ? say('mutes', { what: few(muted) }) : '',
  ]
    .filter(Boolean)
    .join(', ');
}

const frequencies = ['every', 'daily', 'weekly', 'monthly'] as const;

const few = (words: string[]) =>
  words.length > 3 ? `${words.slice(0, 3).join(', ')} + ${words.length - 3}` : words.join(', ');

const languageName = (tag: string) => languageNames.find(([each]) => each === tag)?.[1] ?? tag;
