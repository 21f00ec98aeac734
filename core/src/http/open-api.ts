import { ERRORS } from '../errors.ts';
import type { HttpRoute } from './contract.ts';
import { parsePattern } from './route-rules.ts';

/** The OpenAPI 3.1 description of the routes there are. */
export function buildOpenApi(routes: readonly HttpRoute[], info: { title: string; version: string }): object {
  const paths: Record<string, Record<string, object>> = {};
  const ordered = [...routes].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  for (const route of ordered) {
    const parts = parsePattern(route.path);
    const path = `/${parts.map(({ kind, text }) => (kind === 'literal' ? text : `{${text}}`)).join('/')}`;
    const names = parts.filter(({ kind }) => kind !== 'literal').map(({ text }) => text);
    paths[path] ??= {};
    paths[path][route.method.toLowerCase()] = operation(route, names);
  }
  return {
    openapi: '3.1.0',
    info,
    security: [{ session: [] }, { bearer: [] }, { basic: [] }],
    paths,
    components: {
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'filmless_session' },
        bearer: { type: 'http', scheme: 'bearer' },
        basic: { type: 'http', scheme: 'basic', description: 'Over TLS or loopback only' },
      },
      responses: {
        problem: {
          description: 'RFC 9457 problem',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
      schemas: {
        Problem: {
          type: 'object',
          required: ['type', 'title', 'status', 'code', 'remedy', 'requestId'],
          properties: {
            type: { type: 'string' },
            title: { type: 'string' },
            status: { type: 'integer' },
            code: { enum: Object.keys(ERRORS) },
            detail: { type: 'string' },
            remedy: { type: 'string' },
            requestId: { type: 'string' },
          },
        },
      },
    },
  };
}

function operation(route: HttpRoute, names: readonly string[]): object {
  const { policy } = route;
  return {
    summary: route.summary,
    ...(policy.access === 'public' ? { security: [], 'x-public': policy.why } : {}),
    ...(policy.access === 'permission' ? { 'x-permission': policy.permission } : {}),
    ...(names.length > 0
      ? { parameters: names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })) }
      : {}),
    ...(route.requestSchema
      ? { requestBody: { required: true, content: { 'application/json': { schema: route.requestSchema } } } }
      : {}),
    responses: {
      '2XX': {
        description: 'Done',
        ...(route.responseSchema ? { content: { 'application/json': { schema: route.responseSchema } } } : {}),
      },
      default: { $ref: '#/components/responses/problem' },
    },
  };
}
