import { join } from 'node:path';
import { z } from 'zod';
import { definePlugin } from '../plugin.ts';
import { FileSystemStorage } from './file-system-storage.ts';

const GIB = 2 ** 30;

const config = z.strictObject({
  directory: z.string().min(1).optional().describe('Folder of the images; `storage` in the data folder when absent'),
  freeSpaceFloorGiB: z.number().min(0).default(2).describe('Nothing is taken when less than this would stay free'),
});

/** Blobs in this machine's file system. */
export const fileSystemStoragePlugin = definePlugin({
  id: 'storage-file-system',
  api: 1,
  title: { 'zh-CN': '文件系统存储', en: 'File system storage' },
  provides: 'Storage',
  config,
  activate(context) {
    const { directory, freeSpaceFloorGiB } = context.config;
    context.points.contribute('Storage', 'file-system', {
      open: () =>
        FileSystemStorage.open({
          directory: directory ?? join(context.node.dataDirectory, 'storage'),
          floorBytes: freeSpaceFloorGiB * GIB,
          onCountFailed: (error) => context.log.warn({ err: error }, 'the blobs could not be counted'),
        }),
    });
    context.points.contribute('HealthCheck', 'storage', {
      title: { 'zh-CN': '存储空间', en: 'Storage space' },
      async check() {
        const { freeBytes, floorBytes, totalBytes } = await context.storage.usage();
        const detail = `${(freeBytes / GIB).toFixed(1)} GiB free of ${(totalBytes / GIB).toFixed(1)} GiB, floor ${(floorBytes / GIB).toFixed(1)} GiB`;
        if (freeBytes <= floorBytes) return { state: 'failed', detail: `${detail}: nothing more is taken` };
        // Early enough to act: a tenth of the disk, or twice the floor.
        return { state: freeBytes < Math.max(totalBytes / 10, floorBytes * 2) ? 'warning' : 'ok', detail };
      },
    });
  },
});
