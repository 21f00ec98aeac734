import type { ApiTestNode } from './api-node.ts';

export type Json = Record<string, unknown>;

interface Asked {
  /** Roles of who asks. */
  as?: string[];
  token?: string;
  /** Bytes as they are, anything else as JSON. */
  body?: unknown;
  headers?: Record<string, string>;
}

/** Short ways to ask an {@link ApiTestNode}; an administrator asks unless told otherwise. */
export function apiClient(node: () => ApiTestNode) {
  const ask = async (method: string, path: string, { as = ['admin'], token, body, headers }: Asked = {}) => {
    const response = await fetch(`${node().baseUrl}${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${token ?? (await node().tokenFor(...as))}`,
        ...(body instanceof Uint8Array ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = (response.headers.get('content-type') ?? '').includes('json');
    return { status: response.status, headers: response.headers, text, json: (isJson ? JSON.parse(text) : {}) as Json };
  };
  const importFile = (bytes: Uint8Array, headers: Record<string, string> = {}) =>
    ask('POST', '/api/imports', {
      as: ['radiology'],
      body: bytes,
      headers: { 'Content-Type': 'application/dicom', ...headers },
    });
  return { ask, importFile };
}
