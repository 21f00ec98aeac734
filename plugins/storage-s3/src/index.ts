/** Blobs in a bucket of an S3-compatible object store, which any number of nodes may share. Chosen with `storage.use: s3`. */
import { join, resolve } from 'node:path';
import { definePlugin, FilmlessError } from '@filmless/core/plugin';
import { configSchema, type S3Config } from './config.ts';
import type { S3Storage } from './s3-storage.ts';

export const s3StoragePlugin = definePlugin<S3Config>({
  id: 'storage-s3',
  api: 1,
  title: { 'zh-CN': '对象存储（S3）', en: 'Object store (S3)' },
  provides: 'Storage',
  config: configSchema,
  activate(context) {
    const { config, log, node } = context;
    let opened: S3Storage | undefined;
    context.points.contribute('Storage', 's3', {
      async open() {
        const { bucket } = config;
        if (!bucket)
          throw new FilmlessError('CONFIG_INVALID', 'plugins.storage-s3.bucket: needed with storage.use: s3');
        // Not before it is wanted: most nodes keep their bytes in the file system and need none of the SDK.
        const { S3Storage } = await import('./s3-storage.ts');
        opened = await S3Storage.open({
          config: { ...config, bucket },
          stagingDirectory: resolve(config.stagingDirectory ?? join(node.dataDirectory, 'storage-s3')),
          onProblem: (problem, error) => log.warn({ err: error }, problem),
        });
        return opened;
      },
    });
    context.points.contribute('HealthCheck', 'storage-s3', {
      title: { 'zh-CN': '对象存储', en: 'Object store' },
      async check() {
        if (!opened) return { state: 'ok', detail: { 'zh-CN': '未使用', en: 'not in use' } };
        try {
          await opened.check();
          return { state: 'ok', detail: { 'zh-CN': '可访问', en: 'answers' } };
        } catch (error) {
          const detail = error instanceof FilmlessError ? error.detail : undefined;
          return {
            state: 'failed',
            detail: { 'zh-CN': `无法访问：${detail ?? ''}`, en: detail ?? 'The object store cannot be used' },
          };
        }
      },
    });
  },
});

export default s3StoragePlugin;
