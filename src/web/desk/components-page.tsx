/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import {
  Area,
  Button,
  Card,
  Check,
  Countdown,
  Csrf,
  Dialog,
  EditionStateChip,
  Empty,
  Figure,
  Figures,
  Input,
  Menu,
  Notice,
  Pager,
  Select,
  Table,
  Tabs,
} from './design/components.tsx';
import type { DeskEnv } from './env.ts';
import { DeskPage, showDesk } from './frame.tsx';

/** `/desk/components`: what pages are put together from, each as it looks. For those who build pages. */
export function componentsPage(): Hono<DeskEnv> {
  const app = new Hono<DeskEnv>();
  app.get('/', (c) => {
    const { language, session } = c.var;
    const states = [
      'draft',
      'review',
      'approved',
      'sending',
      'paused',
      'sent',
      'cancelled',
      'skipped',
    ] as const;
    return showDesk(
      c,
      <DeskPage
        c={c}
        title="Components"
        lang="en"
        crumbs={[['/desk', 'Desk']]}
        sub="Every page is put together from these."
        acts={
          <>
            <Button type="button">Second</Button>
            <Button type="button" kind="main" icon="send">
              First
            </Button>
          </>
        }
      >
        <Card title="Buttons" id="buttons">
          <div class="row">
            <Button type="button" kind="main">
              Main
            </Button>
            <Button type="button">Usual</Button>
            <Button type="button" kind="plain">
              Plain
            </Button>
            <Button type="button" kind="danger" icon="remove">
              Danger
            </Button>
            <Button type="button" icon="pin" label="Pin" />
            <Button type="button" icon="pin" label="Pin it" pressed />
            <Button type="button" little icon="undo">
              Little
            </Button>
            <Button type="button" disabled>
              Not now
            </Button>
            <Menu label="More" icon="settings" start>
              <Button type="button" icon="edit">
                Edit
              </Button>
              <Button type="button" icon="remove">
                Remove
              </Button>
            </Menu>
            <fieldset class="segments" aria-label="Width">
              <Button type="button" icon="phone" label="Phone" pressed />
              <Button type="button" icon="tablet" label="Tablet" pressed={false} />
              <Button type="button" icon="desktop" label="Desktop" pressed={false} />
            </fieldset>
          </div>
        </Card>
        <Card title="States" id="states">
          <div class="row">
            {states.map((state) => (
              <EditionStateChip state={state} language={language} />
            ))}
            <span class="tag">tag</span>
            <kbd>g</kbd> <kbd>t</kbd>
            <span>
              in <Countdown to={new Date(Date.now() + 5_000_000)}>an hour</Countdown>
            </span>
          </div>
        </Card>
        <div class="grid">
          <Card title="Fields" id="fields">
            <form class="stack" method="get">
              <Csrf token={session.csrf} />
              <Input id="name" label="Name" value="Wendmark Today" hint="What readers see." />
              <Input id="wrong" label="Address" type="email" value="desk@" error="That is no address." />
              <Select
                id="zone"
                label="Time zone"
                value="Europe/Berlin"
                options={[['Europe/Berlin', 'Berlin']]}
              />
              <Area id="text" label="Note" value="Good morning." />
              <fieldset class="stack tight">
                <legend>Which</legend>
                <Check name="yes" checked>
                  One
                </Check>
                <Check name="no" hint="rarely needed">
                  The other
                </Check>
              </fieldset>
            </form>
          </Card>
          <Card title="Notices" id="notices">
            <div class="stack">
              <Notice>Something to know.</Notice>
              <Notice mood="good">Approved.</Notice>
              <Notice mood="wait">Changed after approval.</Notice>
              <Notice mood="bad">The lead has no image.</Notice>
              <Notice mood="busy">Sending.</Notice>
            </div>
          </Card>
        </div>
        <Card
          title="Figures"
          id="figures"
          aside={<a href="#figures">All</a>}
          footer={<span class="quiet">Since Monday</span>}
        >
          <Figures>
            <Figure label="Delivered" value="12,480" />
            <Figure label="Opens" value="48.2 %" than="2.1 more than usual" better />
            <Figure label="Clicks" value="6.1 %" than="0.4 less than usual" better={false} />
          </Figures>
          <hr />
          <label class="label" for="progress">
            Progress
          </label>
          <progress id="progress" max={100} value={42} />
        </Card>
        <Card title="Table" id="table">
          <Tabs
            label="Looks"
            tabs={[
              ['/desk/components', 'Stories'],
              ['/desk/components?topics', 'Topics'],
            ]}
            current="/desk/components"
          />
          <br />
          <Table caption="Clicks by story" columns={[{ label: 'Story' }, { label: 'Clicks', number: true }]}>
            <tr>
              <td>Skerry lighthouse shines again</td>
              <td class="number">1,204</td>
            </tr>
            <tr>
              <td>Storm Odile to reach the coast</td>
              <td class="number">871</td>
            </tr>
          </Table>
          <br />
          <Pager label="Pages" newer={['#table', 'Newer']} older={['#table', 'Older']} />
        </Card>
        <Card title="Dialog, and nothing" id="rest">
          <Button type="button" data-dialog="sample">
            Open
          </Button>
          <Dialog id="sample" title="Send it now?">
            <p>12,480 people get it within a minute.</p>
            <div class="ends">
              <Button type="button" data-close="">
                Not yet
              </Button>
              <Button type="button" kind="main" data-close="">
                Send
              </Button>
            </div>
          </Dialog>
          <Empty title="No stories yet">
            <p>Add a source, and they come in.</p>
          </Empty>
        </Card>
      </DeskPage>,
    );
  });
  return app;
}
