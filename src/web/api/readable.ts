import type { ApiDocument } from './document.ts';

/** The API's description as people read it, for the page and for docs/api.md. */
export interface ReadableApi {
  title: string;
  /** Paragraphs, with `code` and **strong**. */
  about: string[];
  groups: { name: string; about: string; operations: Operation[] }[];
  /** What several operations take or answer, by name. */
  shapes: { name: string; fields: Field[] }[];
}

export interface Operation {
  /** Such as `GET /api/lists`, or the name of an event. */
  title: string;
  /** Names it within the page. */
  anchor: string;
  summary: string;
  about: string;
  /** What a token must be for. */
  scope: string;
  parameters: Field[];
  body: Field[];
  /** `shape` names what an answer is as a whole, where that has a name. */
  answers: {
    status: string;
    isError: boolean;
    about: string;
    shape: string | undefined;
    fields: Field[];
  }[];
}

/** A parameter, or a part of a body; `name` is a path such as `data[].email`. */
export interface Field {
  name: string;
  type: string;
  required: boolean;
  about: string;
}

interface Schema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  description?: string;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  additionalProperties?: Schema | boolean;
}

interface Described {
  tags?: string[];
  summary?: string;
  description?: string;
  security?: Record<string, string[]>[];
  parameters?: { name: string; in: string; required?: boolean; description?: string; schema?: Schema }[];
  requestBody?: { content?: Record<string, { schema?: Schema }> };
  responses?: Record<string, { description?: string; content?: Record<string, { schema?: Schema }> }>;
}

/** Puts an OpenAPI document into the words and order in which people read it. */
export function readable(document: ApiDocument): ReadableApi {
  const schemas = (document.components?.schemas ?? {}) as Record<string, Schema>;
  const all: [string, Described][] = [];
  for (const [path, item] of Object.entries(document.paths ?? {}))
    for (const [method, operation] of Object.entries(item))
      all.push([`${method.toUpperCase()} /api${path}`, operation as Described]);
  for (const [kind, item] of Object.entries(document.webhooks ?? {}))
    all.push([kind, (item as { post: Described }).post]);
  return {
    title: document.info.title,
    about: (document.info.description ?? '').split('\n\n'),
    groups: (document.tags ?? []).map(({ name, description }) => ({
      name,
      about: description ?? '',
      operations: all
        .filter(([, operation]) => operation.tags?.includes(name))
        .map(([title, operation]) => operationOf(title, operation, schemas)),
    })),
    shapes: Object.entries(schemas)
      .map(([name, schema]) => ({ name, fields: fieldsOf(schema, schemas) }))
      .sort((one, other) => (one.name < other.name ? -1 : 1)),
  };
}

function operationOf(title: string, operation: Described, schemas: Record<string, Schema>): Operation {
  const bodySchema = Object.values(operation.requestBody?.content ?? {})[0]?.schema;
  return {
    title,
    anchor: title
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, ''),
    summary: operation.summary ?? '',
    about: operation.description ?? '',
    scope: operation.security?.flatMap((each) => each.token ?? []).join(', ') ?? '',
    parameters: (operation.parameters ?? []).map((parameter) => ({
      name: parameter.in === 'path' ? `{${parameter.name}}` : parameter.name,
      type: typeOf(parameter.schema ?? {}, schemas),
      required: parameter.required ?? false,
      about: parameter.description ?? parameter.schema?.description ?? '',
    })),
    body: bodySchema ? fieldsOf(bodySchema, schemas) : [],
    answers: Object.entries(operation.responses ?? {}).map(([status, { description = '', content = {} }]) => {
      const schema = Object.values(content)[0]?.schema ?? {};
      const shape = nameOf(schema);
      return {
        status,
        isError: /^[45]/.test(status),
        about: description,
        shape,
        fields: shape ? [] : fieldsOf(schema, schemas),
      };
    }),
  };
}

/** What a schema is called, if it has a name of its own. */
const nameOf = ({ $ref }: Schema): string | undefined => $ref?.split('/').at(-1);

/** The parts of a schema; those of a part that has a name are told of under that name. */
function fieldsOf(schema: Schema, schemas: Record<string, Schema>, prefix = ''): Field[] {
  const { properties, required = [], items } = resolved(schema, schemas);
  if (items) return nameOf(items) ? [] : fieldsOf(items, schemas, `${prefix}[]`);
  if (!properties) return [];
  return Object.entries(properties).flatMap(([name, each]) => {
    const path = prefix ? `${prefix}.${name}` : name;
    const field = {
      name: path,
      type: typeOf(each, schemas),
      required: required.includes(name),
      about: each.description ?? resolved(each, schemas).description ?? '',
    };
    return nameOf(each) ? [field] : [field, ...fieldsOf(each, schemas, path)];
  });
}

/** A schema behind its reference, and without the null that it may be as well. */
function resolved(schema: Schema, schemas: Record<string, Schema>): Schema {
  if (schema.$ref) return schemas[nameOf(schema) ?? ''] ?? {};
  const others = (schema.anyOf ?? schema.oneOf ?? []).filter(({ type }) => type !== 'null');
  const [one] = others;
  if (one && others.length === 1) return resolved(one, schemas);
  if (schema.allOf) {
    const parts = schema.allOf.map((part) => resolved(part, schemas));
    return Object.assign({}, ...parts, {
      properties: Object.assign({}, ...parts.map((part) => part.properties)),
      required: parts.flatMap((part) => part.required ?? []),
    });
  }
  return schema;
}

function typeOf(schema: Schema, schemas: Record<string, Schema>): string {
  const name = nameOf(schema);
  if (name) return name;
  const isNullable =
    (Array.isArray(schema.type) && schema.type.includes('null')) ||
    (schema.anyOf ?? schema.oneOf ?? []).some(({ type }) => type === 'null');
  const inner = resolved(schema, schemas);
  const type = [inner.type].flat().find((each) => each !== 'null');
  const words = inner.enum
    ? inner.enum.filter((value) => value !== null).map((value) => `"${value}"`)
    : inner.const !== undefined
      ? [JSON.stringify(inner.const)]
      : inner.items
        ? [`list of ${typeOf(inner.items, schemas)}`]
        : [inner.format === 'date-time' ? 'instant' : (type ?? 'anything')];
  const more = schema.default === undefined ? '' : ` (${JSON.stringify(schema.default)} if not given)`;
  return `${[...words, ...(isNullable ? ['null'] : [])].join(' or ')}${more}`;
}
