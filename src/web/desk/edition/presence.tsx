/** @jsxImportSource hono/jsx */
import type { Look } from './look.tsx';
import { storyIn } from './view.ts';

/** Somebody else who looks at the edition now. */
export interface Other {
  name: string;
  /** What they are at, such as `subject` or `story:s12`; null: nothing in particular. */
  field: string | null;
}

/** Who else is at the edition, and at what. */
export function Others({ look, others, swapped }: { look: Look; others: Other[]; swapped?: boolean }) {
  const { say } = look;
  return (
    <ul
      class="ed-others-here"
      id="others"
      aria-label={say('others')}
      aria-live="polite"
      hx-swap-oob={swapped ? 'outerMorph' : undefined}
    >
      {others.map((other) => {
        const what = whatOf(look, other.field);
        const said = what ? say('atField', { who: other.name, what }) : say('isHere', { who: other.name });
        return (
          <li title={said}>
            <span class="ed-avatar little" aria-hidden="true">
              {[...other.name][0]?.toUpperCase()}
            </span>
            <span class={what ? 'small' : 'vh'}>{said}</span>
          </li>
        );
      })}
    </ul>
  );
}

function whatOf({ say, view }: Look, field: string | null): string | undefined {
  if (field === 'subject') return say('atSubject');
  if (field === 'preheader') return say('atPreheader');
  if (field === 'tried') return say('atTried');
  const [kind, key = ''] = field?.split(/:(.*)/s) ?? [];
  if (kind === 'note') return say('atNote');
  const title = kind === 'story' ? storyIn(view, key)?.title : undefined;
  return title === undefined ? undefined : say('atStory', { title: shortened(title) });
}

const shortened = (title: string) => (title.length > 40 ? `${title.slice(0, 38).trimEnd()}…` : title);
