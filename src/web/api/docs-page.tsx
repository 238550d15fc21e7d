/** @jsxImportSource hono/jsx */
import type { Context as HonoContext } from 'hono';
import { Page, show } from '../page.tsx';
import type { ApiDocument } from './document.ts';
import { type Field, type Operation, readable } from './readable.ts';

/** The API's description as a page: server-rendered, without a script. */
export function apiDocsPage(c: HonoContext, document: ApiDocument): Response | Promise<Response> {
  const api = readable(document);
  return show(
    c,
    <Page title={api.title} wide>
      <h1>{api.title}</h1>
      {api.about.map((paragraph) => (
        <p key={paragraph}>
          <Marked text={paragraph} />
        </p>
      ))}
      <p>
        For programs: <a href="/api/openapi.json">openapi.json</a> (OpenAPI 3.1).
      </p>
      {api.groups.map((group) => (
        <section class="flow" key={group.name} aria-label={group.name}>
          <h2>{group.name}</h2>
          <p>{group.about}</p>
          {group.operations.map((operation) => (
            <Described key={operation.anchor} operation={operation} />
          ))}
        </section>
      ))}
      <section class="flow" aria-label="Shapes">
        <h2>Shapes</h2>
        <p>What several calls take or answer.</p>
        {api.shapes.map(({ name, fields }) => (
          <section class="subscription" key={name} id={name}>
            <Fields title={name} fields={fields} />
          </section>
        ))}
      </section>
    </Page>,
  );
}

function Described({ operation }: { operation: Operation }) {
  const failures = operation.answers.filter(({ isError }) => isError);
  return (
    <details class="subscription" id={operation.anchor}>
      <summary class="label">
        <b>{operation.title}</b> {operation.summary}
      </summary>
      {operation.about ? <p>{operation.about}</p> : null}
      {operation.scope ? (
        <p class="quiet">
          Needs the scope <code>{operation.scope}</code>.
        </p>
      ) : null}
      {operation.parameters.length > 0 ? <Fields title="Parameters" fields={operation.parameters} /> : null}
      {operation.body.length > 0 ? <Fields title="Body" fields={operation.body} /> : null}
      {operation.answers
        .filter(({ isError }) => !isError)
        .map(({ status, about, shape, fields }) => (
          <Fields key={status} title={`${status}: ${about}`} fields={fields} shape={shape} />
        ))}
      {failures.length > 0 ? (
        <p class="quiet">
          Errors: {failures.map(({ status }) => status).join(', ')}, as <a href="#Error">Error</a>.
        </p>
      ) : null}
    </details>
  );
}

function Fields({ title, fields, shape }: { title: string; fields: Field[]; shape?: string }) {
  return (
    <>
      <p>
        <b>{title}</b> {shape ? <a href={`#${shape}`}>{shape}</a> : null}
      </p>
      {fields.length > 0 ? (
        <ul class="items">
          {fields.map(({ name, type, required, about }) => (
            <li key={name}>
              <code>{name}</code>{' '}
              <span class="quiet">
                {type}
                {required ? '' : ', may be missing'}
              </span>
              {about ? ` ${about}` : ''}
            </li>
          ))}
        </ul>
      ) : null}
    </>
  );
}

/** Text with `code`, **strong** and [links](https://…). */
function Marked({ text }: { text: string }) {
  return (
    <>
      {text.split(/(`[^`]+`|\*\*[^*]+\*\*|\[[^\]]+\]\([^)]+\))/).map((part) => {
        if (part.startsWith('`')) return <code key={part}>{part.slice(1, -1)}</code>;
        if (part.startsWith('**')) return <b key={part}>{part.slice(2, -2)}</b>;
        const link = /^\[([^\]]+)\]\((https:[^)]+)\)$/.exec(part);
        if (!link) return part;
        return (
          <a key={part} href={link[2]}>
            {link[1]}
          </a>
        );
      })}
    </>
  );
}
