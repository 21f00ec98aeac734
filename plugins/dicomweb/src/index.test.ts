import type { HttpRoute, PluginContext } from '@filmless/core/plugin';
import { expect, it } from 'vitest';
import type { DicomwebConfig } from './config.ts';
import { dicomwebConfig } from './config.ts';
import plugin from './index.ts';
import { openRig } from './rig.test-util.ts';

it('the plugin contributes its routes and one durable subscription, and gives back its threads', async () => {
  const rig = await openRig();
  const routes = new Map<string, HttpRoute>();
  const subscriptions: string[] = [];
  const disposables: { dispose(): void | Promise<void> }[] = [];
  const context = {
    ...rig.web.plugin,
    config: dicomwebConfig.parse({ decodeWorkers: 1 }),
    points: { contribute: (_: string, key: string, route: HttpRoute) => routes.set(key, route) },
    hooks: { after: (hook: string, name: string) => subscriptions.push(`${hook} ${name}`) },
    onDispose: (disposable: { dispose(): void | Promise<void> }) => disposables.push(disposable),
  } as unknown as PluginContext<DicomwebConfig>;
  await plugin.activate(context);
  expect([...routes.keys()]).toEqual(
    expect.arrayContaining(['GET /dicom-web/studies', 'POST /dicom-web/studies', 'GET /wado', 'OPTIONS /dicom-web']),
  );
  expect(subscriptions).toEqual(['instance.stored prepare-series']);
  // Hangs, and so fails, if a thread were kept.
  for (const { dispose } of disposables.reverse()) await dispose();
  await rig.close();
});

it('a configuration with a wrong key or value is refused', () => {
  expect(dicomwebConfig.parse({}).decodeWorkers).toBe(2);
  expect(() => dicomwebConfig.parse({ decodeWorker: 1 })).toThrow(/decodeWorker/);
  expect(() => dicomwebConfig.parse({ publicUrl: 'ftp://x' })).toThrow(/publicUrl/);
  expect(dicomwebConfig.parse({ publicUrl: 'https://pacs.hospital/' }).publicUrl).toBe('https://pacs.hospital');
});
