import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { NodeConfig } from '@filmless/core/config';
import { FilmlessNode } from '@filmless/core/node';
import type { FilmlessPlugin } from '@filmless/core/plugin';
import alarmsPlugin from '@filmless/plugin-alarms';
import backupPlugin from '@filmless/plugin-backup';
import { departmentArchivePlugin } from '@filmless/plugin-department-archive';
import dicomwebPlugin from '@filmless/plugin-dicomweb';
import { dimsePlugin } from '@filmless/plugin-dimse';
import ecgPlugin from '@filmless/plugin-ecg';
import forwardingPlugin from '@filmless/plugin-forwarding';
import hisBridgePlugin from '@filmless/plugin-his-bridge';
import retentionPlugin from '@filmless/plugin-retention';
import s3StoragePlugin from '@filmless/plugin-storage-s3';
import { z } from 'zod';
import { loadPlugins } from './load-plugins.ts';

/** The folder of the program, with `package.json` and, once built, `dist/`. */
export const programDirectory = resolve(import.meta.dirname, '..', '..');

/** Which plugins this program ships. Core's own come with the node; a site switches any of these off in `filmless.yaml`. */
export const shippedPlugins: readonly FilmlessPlugin[] = [
  dimsePlugin,
  dicomwebPlugin,
  ecgPlugin,
  hisBridgePlugin,
  retentionPlugin,
  backupPlugin,
  forwardingPlugin,
  s3StoragePlugin,
  alarmsPlugin,
  departmentArchivePlugin,
];

export const version = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(join(programDirectory, 'package.json'), 'utf8'))).version;

/** Opens a node with the shipped plugins and those the site names. */
export async function openNode(
  config: NodeConfig,
  options: { adminPassword?: string; prettyLog?: boolean } = {},
): Promise<FilmlessNode> {
  return FilmlessNode.open({
    // The `dicom` settings of the node are where the DIMSE plugin listens, unless its own settings say otherwise.
    config: {
      ...config,
      plugins: { ...config.plugins, dimse: { ...config.dicom, ...asObject(config.plugins['dimse']) } },
    },
    version,
    plugins: [...shippedPlugins, ...(await loadPlugins(config.pluginModules))],
    webDirectory: join(programDirectory, 'dist', 'web'),
    sdkDirectory: join(programDirectory, 'dist', 'sdk'),
    ...options,
  });
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}
