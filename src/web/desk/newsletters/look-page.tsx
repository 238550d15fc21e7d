/** @jsxImportSource hono/jsx */
import type { Newsletter } from '../../../editions/newsletters.ts';
import type { Brand } from '../../../rendering/brand.ts';
import type { Theme } from '../../../rendering/theme.ts';
import { Area, Button, Card, Csrf, Input, Notice, Select } from '../design/components.tsx';
import { Icon } from '../design/icons.tsx';
import type { DeskCall } from '../env.ts';
import { DeskPage } from '../frame.tsx';
import { stampOf } from '../seen.ts';
import { type DeskLanguage, number, speaking } from '../words/words.ts';
import type { Key, Mistakes, Say, Values } from './form-values.ts';
import { fontNames, lookValues, type Reading, readings, themesFor } from './look-form.ts';
import { MistakesNotice } from './mistakes-notice.tsx';
import { NewsletterTabs } from './tabs.tsx';
import { newsletterTexts } from './words.ts';

interface LookProps {
  c: DeskCall;
  newsletter: Newsletter;
  values: Values;
  mistakes: Mistakes;
  brand: Brand;
  /** What the preview is asked for. */
  query: string;
  hasEdition: boolean;
  mayChange: boolean;
  saved?: boolean;
}

/** `/desk/newsletters/SLUG/look`: theme and brand, with a preview of what they come to. */
export function LookPage(props: LookProps) {
  const { c, newsletter, mistakes, query, hasEdition, mayChange, saved } = props;
  const say = speaking(newsletterTexts, c.var.language);
  const here = `/desk/newsletters/${newsletter.slug}`;
  return (
    <DeskPage
      c={c}
      title={newsletter.name}
      place="newsletters"
      width="wide"
      scripts={['newsletters']}
      crumbs={[['/desk/newsletters', say('newsletters')]]}
      sub={mayChange ? say('lookSub') : say('onlyAdmins')}
    >
      <NewsletterTabs newsletter={newsletter} current="look" language={c.var.language} />
      {saved ? <Notice mood="good">{say('saved')}</Notice> : null}
      <MistakesNotice {...{ mistakes, say }} />
      <div class={mayChange ? 'look' : 'look alone'}>
        {mayChange ? (
          <form
            class="stack look-form"
            method="post"
            action={`${here}/look`}
            data-look={`${here}/look/preview.html`}
            novalidate
          >
            <Csrf token={c.var.session.csrf} />
            <input
              type="hidden"
              name="seen"
              value={props.values.seen?.[0] ?? stampOf(lookValues(newsletter))}
            />
            <LookFields {...props} say={say} />
            <div class="look-save">
              <Button kind="main">{say('save')}</Button>
              <span class="without-script">
                <Button formaction={`${here}/look/show`} formnovalidate>
                  {say('update')}
                </Button>
              </span>
            </div>
          </form>
        ) : null}
        <section class="look-preview" aria-label={say('preview', { name: newsletter.name })}>
          <div class="row apart">
            <p class="quiet small">{say(hasEdition ? 'withEdition' : 'withSamples')}</p>
            <div class="row look-ways" data-look-ways="">
              <fieldset class="segments">
                <legend class="vh">{say('width')}</legend>
                <Button
                  type="button"
                  little
                  icon="phone"
                  label={say('phone')}
                  data-width="phone"
                  pressed={false}
                />
                <Button
                  type="button"
                  little
                  icon="desktop"
                  label={say('desktop')}
                  data-width="desktop"
                  pressed
                />
              </fieldset>
              <Button type="button" little icon="moon" label={say('dark')} data-dark="" pressed={false} />
            </div>
          </div>
          <div class="pv-stage" data-look-stage="" data-width="desktop">
            <iframe
              class="pv-frame"
              src={`${here}/look/preview.html?${query}`}
              title={say('preview', { name: newsletter.name })}
              sandbox=""
              referrerpolicy="no-referrer"
            />
          </div>
        </section>
      </div>
    </DeskPage>
  );
}

function LookFields({ c, newsletter, values, mistakes, brand, say }: LookProps & { say: Say }) {
  const themes = themesFor(newsletter);
  const chosen = themes.find(({ value }) => value === values.theme?.[0]) ?? themes[0];
  const field = (name: string) => ({
    id: `look-${name}`,
    name,
    value: values[name]?.[0] ?? '',
    error: mistakes[name],
  });
  const defaults = chosen?.theme.brand.defaults;
  return (
    <>
      <Card title={say('theme')} id="theme">
        <fieldset class="themes">
          <legend class="vh">{say('theme')}</legend>
          {themes.map(({ value, theme }) => (
            <label class="theme-choice">
              <input type="radio" name="theme" value={value} checked={value === chosen?.value} />
              <ThemeSketch name={theme.name} />
              <span>
                <strong>{theme.title}</strong>
                <span class="quiet small">{describedTheme(theme, say)}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <p class="quiet small">{say('themeFrom')}</p>
      </Card>
      <Card title={say('colours')} id="colours">
        <div class="stack">
          <div class="grid">
            <Colour
              {...field('colour')}
              label={say('colour')}
              hint={say('colourHint')}
              usual={defaults?.colour ?? '#8a1c1c'}
              say={say}
            />
            <Colour
              {...field('darkColour')}
              label={say('darkColour')}
              hint={say('darkColourHint')}
              usual={defaults?.darkColour ?? '#e99a8d'}
              say={say}
            />
          </div>
          <div id="readings" aria-live="polite">
            {chosen ? (
              <Readings all={readings(brand, chosen.theme)} say={say} language={c.var.language} />
            ) : null}
          </div>
        </div>
      </Card>
      <Card title={say('logo')} id="logo">
        <div class="stack">
          <Input label={say('logoUrl')} hint={say('logoUrlHint')} type="url" {...field('logoUrl')} />
          <div class="grid">
            <Input label={say('logoAlt')} maxlength={120} {...field('logoAlt')} />
            <Input label={say('logoWidth')} type="number" min={16} max={480} {...field('logoWidth')} />
          </div>
        </div>
      </Card>
      <Card title={say('fonts')} id="fonts">
        <div class="stack">
          {(['heading', 'body'] as const).map((which) => (
            <Font which={which} field={field} values={values} say={say} />
          ))}
          <Input label={say('radius')} type="number" min={0} max={32} step={1} {...field('radius')} />
        </div>
      </Card>
      <Card title={say('foot')} id="foot">
        <div class="stack">
          <Area
            label={say('footer')}
            hint={say('footerHint')}
            rows={2}
            maxlength={500}
            {...field('footer')}
          />
          <Area
            label={say('social')}
            hint={say('socialHint')}
            rows={3}
            spellcheck={false}
            {...field('social')}
          />
        </div>
      </Card>
    </>
  );
}

const builtIn: Record<string, Key> = {
  broadsheet: 'themeBroadsheet',
  magazine: 'themeMagazine',
  briefing: 'themeBriefing',
  list: 'themeList',
};

function describedTheme({ name, description, folder }: Theme, say: Say): string {
  const key = folder && builtIn[name];
  return key ? say(key) : description || say('ownTheme');
}

/** What stands where in a theme, as small as a stamp. */
function ThemeSketch({ name }: { name: string }) {
  const lines = (from: number, count: number, x = 6, width = 52) =>
    Array.from({ length: count }, (_, at) => (
      <rect x={x} y={from + at * 5} width={at === count - 1 ? width * 0.7 : width} height={2} rx={1} />
    ));
  const inside: Record<string, unknown> = {
    broadsheet: [
      <rect x={16} y={6} width={32} height={5} class="accent" />,
      <rect x={6} y={15} width={52} height={1} />,
      <rect x={6} y={20} width={52} height={24} class="picture" />,
      ...lines(49, 5),
    ],
    magazine: [
      <rect x={0} y={0} width={64} height={14} class="accent" />,
      <rect x={6} y={19} width={52} height={24} class="picture" />,
      <rect x={6} y={48} width={24} height={16} class="picture" />,
      <rect x={34} y={48} width={24} height={16} class="picture" />,
      ...lines(69, 2),
    ],
    briefing: [
      <rect x={6} y={8} width={20} height={3} class="accent" />,
      ...lines(20, 3),
      <rect x={6} y={38} width={22} height={7} rx={3} class="accent" />,
      ...lines(54, 4, 6, 44),
    ],
    list: [
      <rect x={6} y={6} width={24} height={4} class="accent" />,
      ...[0, 1, 2, 3, 4, 5].flatMap((row) => [
        <rect x={6} y={18 + row * 10} width={10} height={2} class="accent" />,
        ...lines(18 + row * 10, 1, 20, 50),
      ]),
    ],
  };
  return (
    <svg class="theme-sketch" viewBox="0 0 64 80" width="64" height="80" aria-hidden="true" focusable="false">
      <rect width={64} height={80} class="sheet" />
      {inside[name] ?? lines(10, 12)}
    </svg>
  );
}

function Colour({
  id,
  name,
  value,
  error,
  label,
  hint,
  usual,
  say,
}: {
  id: string;
  name: string;
  value: string;
  error?: string;
  label: string;
  hint: string;
  usual: string;
  say: Say;
}) {
  return (
    <div class="colour-field">
      <Input
        id={id}
        name={name}
        value={value}
        error={error}
        label={label}
        hint={hint}
        placeholder={usual}
        maxlength={7}
        spellcheck={false}
        autocomplete="off"
      />
      <input
        type="color"
        class="with-script"
        value={/^#[0-9a-f]{6}$/i.test(value) ? value : usual}
        data-colour-of={id}
        aria-label={say('pick', { what: label })}
      />
    </div>
  );
}

function Font({
  which,
  field,
  values,
  say,
}: {
  which: 'heading' | 'body';
  field: (name: string) => { id: string; name: string; value: string; error?: string };
  values: Values;
  say: Say;
}) {
  const isWeb = values[`${which}Font`]?.[0] === 'web';
  const stacks = fontNames.map((name) => [name, name.charAt(0).toUpperCase() + name.slice(1)] as const);
  return (
    <div class="stack tight">
      <Select
        label={say(which === 'heading' ? 'headingFont' : 'bodyFont')}
        options={[['', say('themeFont')], ...stacks, ['web', say('webFont')]]}
        data-shows={`look-${which}-web`}
        data-shows-for="web"
        {...field(`${which}Font`)}
      />
      <div class="stack tight" id={`look-${which}-web`} data-only={isWeb ? 'yes' : 'no'}>
        <div class="grid">
          <Input label={say('webFamily')} {...field(`${which}Family`)} />
          <Input label={say('webUrl')} type="url" {...field(`${which}Url`)} />
          <Select label={say('webFallback')} options={stacks} {...field(`${which}Fallback`)} />
        </div>
        <p class="quiet small">{say('webHint')}</p>
      </div>
    </div>
  );
}

/** How colours read, each as it looks. */
export function Readings({ all, say, language }: { all: Reading[]; say: Say; language: DeskLanguage }) {
  return (
    <div class="readings">
      <p class="label">{say('contrast')}</p>
      <ul>
        {all.map(({ where, text, ground, ratio, isFine, instead }) => {
          const written = number(ratio, language, { maximumFractionDigits: 1 });
          return (
            <li>
              <svg viewBox="0 0 56 32" width="56" height="32" aria-hidden="true" focusable="false">
                <rect width="56" height="32" rx="6" fill={ground} />
                <text x="28" y="22" text-anchor="middle" font-size="17" font-weight="700" fill={text}>
                  Aa
                </text>
              </svg>
              <span>
                <strong>{say(where)}</strong>
                <span class={isFine ? 'quiet small' : 'reading-poor small'}>
                  {isFine ? null : <Icon name="warning" size={14} />}{' '}
                  {isFine
                    ? say('contrastFine', { ratio: written })
                    : instead
                      ? say('contrastMended', { ratio: written, colour: instead })
                      : say('contrastPoor', { ratio: written })}
                </span>
              </span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
