/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx';
import type { PolicyVersion } from '../../../editions/newsletters.ts';
import { Button, Card, Csrf, State } from '../design/components.tsx';
import { FoldedList } from '../design/folded.tsx';
import { moment } from '../words/words.ts';
import { ChangedList } from './changed-list.tsx';
import { differences } from './differences.ts';
import { type PolicyLook, policyPath, SelectionPage } from './policy-page.tsx';

/** `/desk/newsletters/SLUG/policy/versions`: every policy that a newsletter has had, and what each changed. */
export function VersionsPage({
  look,
  versions,
  notice,
}: {
  look: PolicyLook;
  versions: PolicyVersion[];
  notice?: Child;
}) {
  const { c, say, newsletter, mayChange } = look;
  const at = policyPath(newsletter);
  const card = (each: PolicyVersion, place: number) => {
    const before = versions[place + 1];
    const changed = before ? differences(before.policy, each.policy, say) : [];
    const isCurrent = each.version === newsletter.policy_version;
    return (
      <li>
        <Card
          id={`version-${each.version}`}
          title={say('version', { version: String(each.version) })}
          aside={
            isCurrent ? (
              <State mood="good">{say('current')}</State>
            ) : mayChange ? (
              <form method="post" action={`${at}/versions/${each.version}`}>
                <Csrf token={c.var.session.csrf} />
                <input type="hidden" name="base" value={newsletter.policy_version} />
                <Button
                  little
                  icon="undo"
                  aria-label={`${say('goBack')}: ${say('version', { version: String(each.version) })}`}
                >
                  {say('goBack')}
                </Button>
              </form>
            ) : undefined
          }
        >
          <p class="quiet small">
            {moment(each.createdAt, c.var.language, newsletter.time_zone, { year: 'numeric' })}
          </p>
          <p>{!before ? say('first') : each.note || say('noNote')}</p>
          {changed.length > 0 ? <ChangedList changed={changed} /> : null}
        </Card>
      </li>
    );
  };
  return (
    <SelectionPage
      look={look}
      current={`${at}/versions`}
      title={say('versions')}
      sub={say('versionsSub', { name: newsletter.name })}
    >
      {notice}
      <FoldedList
        class="stack"
        items={versions.map(card)}
        earlier={(count) => say('earlierVersions', { count })}
      />
    </SelectionPage>
  );
}
