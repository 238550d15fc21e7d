import type { ApiDocument } from './document.ts';
import { type Field, type Operation, readable } from './readable.ts';

const beginning = `# The API

Made from the program by \`npm run docs:api\`: do not edit. A running server has the same at \`/api/docs\`, and as OpenAPI 3.1 at
\`/api/openapi.json\`.

\`\`\`sh
broadsheet tokens create "Shop" --scopes lists:read,subscribers:write
curl -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" -H "Idempotency-Key: order-17" \\
  https://news.example.com/api/subscribers -d '{"email": "ada@example.com", "list": "readers"}'
\`\`\`
`;

/** docs/api.md: every operation with what it takes and answers, and what webhooks are told. */
export function apiReference(document: ApiDocument): string {
  const api = readable(document);
  return [
    beginning,
    ...api.about.flatMap((paragraph) => [paragraph, '']),
    ...api.groups.flatMap(({ name, about, operations }) => [
      `## ${name}`,
      '',
      about,
      '',
      ...operations.flatMap(section),
    ]),
    '## Shapes',
    '',
    'What several calls take or answer.',
    '',
    ...api.shapes.flatMap(({ name, fields }) => [`### ${name}`, '', ...table('part', fields)]),
  ]
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .replace(/\n*$/, '\n');
}

function section(operation: Operation): string[] {
  const failures = operation.answers.filter(({ isError }) => isError);
  const answers = operation.answers.filter(({ isError }) => !isError);
  return [
    `### ${operation.title}`,
    '',
    `${sentence(operation.summary)}${operation.about ? ` ${operation.about}` : ''}${operation.scope ? ` Scope: \`${operation.scope}\`.` : ''}`,
    '',
    ...table('parameter', operation.parameters),
    ...table('in the body', operation.body),
    ...answers.flatMap(({ status, about, shape, fields }) => [
      `**${status}** ${about}${shape ? ` Shape: [${shape}](#${shape.toLowerCase()}).` : ''}`,
      '',
      ...table('in the answer', fields),
    ]),
    ...(failures.length > 0 ? [`Errors: ${failures.map(({ status }) => status).join(', ')}.`, ''] : []),
  ];
}

const sentence = (text: string) =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;

function table(title: string, fields: Field[]): string[] {
  if (fields.length === 0) return [];
  return [
    `| ${title} | type | |`,
    '|---|---|---|',
    ...fields.map(({ name, type, required, about }) => {
      const words = [required ? '' : 'may be missing', about].filter(Boolean).join('; ');
      return `| \`${name}\` | ${cell(type)} | ${cell(words)} |`;
    }),
    '',
  ];
}

const cell = (text: string) => text.replaceAll('|', '\\|').replace(/\s+/g, ' ');
