import { open, rm } from 'node:fs/promises';
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
  essential: true,
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
        if (!(await isWritable(directory ?? join(context.node.dataDirectory, 'storage')))) {
          return {
            state: 'failed',
            detail: {
              'zh-CN': '存储目录无法写入，已停止接收：请检查磁盘及其挂载',
              en: 'the folder of the images cannot be written to, nothing more is taken: look at the disk and its mount',
            },
          };
        }
        const { freeBytes, floorBytes, totalBytes } = await context.storage.usage();
        const [free, total, floor] = [freeBytes, totalBytes, floorBytes].map((bytes) => (bytes / GIB).toFixed(1));
        const state =
          freeBytes <= floorBytes ? 'failed' : freeBytes < Math.max(totalBytes / 10, floorBytes * 2) ? 'warning' : 'ok';
        const full =
          state === 'failed' ? { 'zh-CN': '，已停止接收', en: ': nothing more is taken' } : { 'zh-CN': '', en: '' };
        return {
          // A warning early enough to act: at a tenth of the disk, or twice the floor.
          state,
          detail: {
            'zh-CN': `可用 ${free} GiB，共 ${total} GiB，保留 ${floor} GiB${full['zh-CN']}`,
            en: `${free} GiB free of ${total} GiB, floor ${floor} GiB${full.en}`,
          },
        };
      },
    });
  },
});

/** A disk that fails is often read-only from then on, which only writing shows. */
async function isWritable(directory: string): Promise<boolean> {
  const path = join(directory, '.writable');
  try {
    const file = await open(path, 'w', 0o640);
    try {
      await file.writeFile('');
      await file.sync();
    } finally {
      await file.close();
    }
    await rm(path, { force: true });
    return true;
  } catch (error) {
    // That the disk is full is told with how full it is.
    return (error as NodeJS.ErrnoException).code === 'ENOSPC';
  }
}
