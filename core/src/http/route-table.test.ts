import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HttpRoute } from './contract.ts';
import { assertHttpRoute, parsePattern } from './route-rules.ts';
import { RouteTable } from './route-table.ts';

const route = (method: HttpRoute['method'], path: string): HttpRoute => ({
  method,
  path,
  policy: { access: 'signed-in' },
  summary: path,
  handle: () => ({}),
});

describe('RouteTable', () => {
  const table = new RouteTable();
  for (const [method, path] of [
    ['GET', '/'],
    ['GET', '/api/users/:name'],
    ['GET', '/api/users/current'],
    ['PUT', '/api/users/:user'],
    ['GET', '/api/users/:name/roles'],
    ['GET', '/files/*rest'],
    ['HEAD', '/files/one'],
    ['GET', '/dicom-web/studies/:study/series/:series'],
  ] as const)
    table.add(route(method, path));

  const at = (method: string, path: string) => {
    const match = table.match(method, path === '/' ? [] : path.slice(1).split('/'));
    return match.kind === 'found' ? [match.route.path, match.params] : match;
  };

  it('prefers text to names and names to the rest, method by method', () => {
    expect(at('GET', '/')).toEqual(['/', {}]);
    expect(at('GET', '/api/users/current')).toEqual(['/api/users/current', {}]);
    expect(at('PUT', '/api/users/current')).toEqual(['/api/users/:user', { user: 'current' }]);
    expect(at('GET', '/api/users/current/roles')).toEqual(['/api/users/:name/roles', { name: 'current' }]);
    expect(at('GET', '/files/one')).toEqual(['/files/*rest', { rest: 'one' }]);
    expect(at('HEAD', '/files/one')).toEqual(['/files/one', {}]);
    expect(at('GET', '/files/a/b/c')).toEqual(['/files/*rest', { rest: 'a/b/c' }]);
    expect(at('GET', '/dicom-web/studies/1.2/series/3.4')).toEqual([
      '/dicom-web/studies/:study/series/:series',
      { study: '1.2', series: '3.4' },
    ]);
  });

  it('tells a wrong method from a wrong path', () => {
    expect(at('DELETE', '/api/users/current')).toEqual({ kind: 'wrong-method', allow: ['GET', 'HEAD', 'PUT'] });
    for (const path of [
      '/api',
      '/api/users',
      '/api/users/',
      '/api/users/a/b',
      '/files',
      '/API/users/x',
      '/api/users/x/',
    ])
      expect(at('GET', path)).toEqual({ kind: 'none' });
  });

  it('takes a method and pattern once, whatever its names are called', () => {
    expect(table.add(route('GET', '/api/users/:id'))).toBe(false);
    expect(table.add(route('DELETE', '/api/users/:id'))).toBe(true);
  });

  it('gives names nothing of Object', () => {
    const other = new RouteTable();
    other.add(route('GET', '/x/:constructor'));
    expect(other.match('GET', ['x', '__proto__'])).toMatchObject({ params: { constructor: '__proto__' } });
    expect(other.match('GET', ['__proto__']).kind).toBe('none');
  });

  it('never throws, whatever is asked', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string(), { maxLength: 12 }), (method, segments) => {
        expect(['found', 'wrong-method', 'none']).toContain(table.match(method, segments).kind);
      }),
    );
  });
});

describe('assertHttpRoute', () => {
  it('wants a policy', () => {
    expect(() => assertHttpRoute(route('GET', '/api/x'))).not.toThrow();
    for (const policy of [undefined, {}, { access: 'permission' }, { access: 'public' }, { access: 'all' }])
      expect(() => assertHttpRoute({ ...route('GET', '/api/x'), policy } as unknown as HttpRoute)).toThrow(
        /no access policy/,
      );
  });

  it('wants a path it can match and a method there is', () => {
    for (const path of ['', 'api', '/a//b', '/a/', '/*rest/more', '/a/:', '/a b', '/:x/:x', '/a?b', '/a/:x.js'])
      expect(() => parsePattern(path), path).toThrow(/path/);
    expect(() => assertHttpRoute({ ...route('GET', '/x'), method: 'TRACE' } as unknown as HttpRoute)).toThrow(/method/);
  });
});
