import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const files = globSync(
  [
    'core/**/*.ts',
    'plugins/*/src/**/*.ts',
    'viewer-sdk/src/**/*.ts',
    'host-app/**/*.ts',
    'test/**/*.ts',
    'examples/**/*.ts',
  ],
  { cwd: root, exclude: (name) => name.endsWith('node_modules') || name.endsWith('dist') },
).filter((file) => !file.includes('node_modules'));

interface Import {
  from: string;
  to: string;
}

/** Every import of the tree; relative ones as paths from the root. */
const imports: Import[] = files.flatMap((file) => {
  const text = readFileSync(join(root, file), 'utf8');
  const found = [
    ...text.matchAll(
      /(?:^|\n)\s*(?:import|export)\b[^'";]*?from\s*'([^']+)'|import\(\s*'([^']+)'\s*\)|(?:^|\n)\s*import\s*'([^']+)'/g,
    ),
  ];
  return found.map((match) => {
    const specifier = match[1] ?? match[2] ?? match[3] ?? '';
    return {
      from: file,
      to: specifier.startsWith('.') ? relative(root, resolve(root, dirname(file), specifier)) : specifier,
    };
  });
});

const isTest = (file: string) =>
  /\.test(-util)?\.ts$/.test(file) || file.startsWith('test/') || file.startsWith('core/testing/');
const offenders = (rule: (item: Import) => boolean) =>
  imports.filter(rule).map(({ from, to }) => `${from} imports ${to}`);

describe('who may import whom', () => {
  it('sees the tree it checks', () => {
    expect(files.length).toBeGreaterThan(100);
    expect(imports.some(({ from, to }) => from.startsWith('plugins/dimse') && to === '@filmless/core/plugin')).toBe(
      true,
    );
  });

  it('core/dicom imports no sibling but the errors', () => {
    const allowed = ['core/src/dicom/', 'core/src/errors.ts', 'core/src/disposable.ts'];
    expect(
      offenders(
        ({ from, to }) =>
          from.startsWith('core/src/dicom/') &&
          !isTest(from) &&
          to.startsWith('core/') &&
          !allowed.some((path) => to.startsWith(path)),
      ),
    ).toEqual([]);
  });

  it('plugins import core/plugin alone, and never each other', () => {
    expect(
      offenders(({ from, to }) => {
        const plugin = /^plugins\/[^/]+\//.exec(from)?.[0];
        if (!plugin) return false;
        // A plugin's viewer part is written against the SDK's types.
        if (to === '@filmless/viewer-sdk' && from.includes('/src/ui/')) return false;
        if (to.startsWith('@filmless/'))
          return !(to === '@filmless/core/plugin' || (isTest(from) && to === '@filmless/core/testing'));
        return /^(core|plugins|host-app|viewer-sdk|test)\//.test(to) && !to.startsWith(plugin);
      }),
    ).toEqual([]);
  });

  it('the viewer SDK and the staff application never import the server', () => {
    expect(
      offenders(
        ({ from, to }) =>
          /^(viewer-sdk|host-app\/web)\//.test(from) &&
          (/^(core|plugins|host-app\/server)\//.test(to) || to.startsWith('@filmless/core')),
      ),
    ).toEqual([]);
  });

  it('core imports no plugin, no viewer and no host', () => {
    expect(
      offenders(
        ({ from, to }) =>
          from.startsWith('core/src/') &&
          (/^(plugins|host-app|viewer-sdk)\//.test(to) || /^@filmless\/(plugin|viewer|host)/.test(to)),
      ),
    ).toEqual([]);
  });

  it('only the container and the server wire with inversify', () => {
    expect(
      offenders(
        ({ from, to }) =>
          to.startsWith('inversify') && !(from === 'core/src/container.ts' || from.startsWith('host-app/server/')),
      ),
    ).toEqual([]);
  });

  it('Koa stays in core/http, the PDU layer in plugins/dimse', () => {
    expect(
      offenders(({ from, to }) => /^(koa|@koa)/.test(to) && !from.startsWith('core/src/http/') && !isTest(from)),
    ).toEqual([]);
    expect(offenders(({ from, to }) => to.includes('upper-layer') && !from.startsWith('plugins/dimse/'))).toEqual([]);
  });

  it('the shipped code never imports tests or test tools', () => {
    expect(
      offenders(
        ({ from, to }) =>
          !isTest(from) &&
          (to.includes('core/testing') || ['vitest', 'fast-check', 'playwright-core'].includes(to)) &&
          !from.startsWith('host-app/server/demo'),
      ),
    ).toEqual([]);
  });

  it('no file is a hall of over 400 lines', () => {
    const long = files
      .map((file) => ({ file, lines: readFileSync(join(root, file), 'utf8').split('\n').length }))
      .filter(({ lines }) => lines > 401);
    expect(long).toEqual([]);
  });

  it('no import cycle between the folders of core', () => {
    const folderOf = (path: string) => /^core\/src\/([^/]+)\//.exec(path)?.[1];
    const edges = new Map<string, Set<string>>();
    for (const { from, to } of imports.filter((item) => !isTest(item.from))) {
      const [a, b] = [folderOf(from), folderOf(to)];
      // Contracts are types that refer to each other; what runs must not.
      if (!a || !b || a === b || to.endsWith('contract.ts') || to.endsWith('types.ts')) continue;
      edges.set(a, (edges.get(a) ?? new Set()).add(b));
    }
    const cycles: string[] = [];
    const walk = (folder: string, path: string[]) => {
      if (path.includes(folder)) {
        cycles.push([...path.slice(path.indexOf(folder)), folder].join(' → '));
        return;
      }
      for (const next of edges.get(folder) ?? []) walk(next, [...path, folder]);
    };
    for (const folder of edges.keys()) walk(folder, []);
    expect([...new Set(cycles)]).toEqual([]);
  });
});
