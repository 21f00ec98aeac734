/** A second copy on removable disks that nobody has to attend to: disks, copies, their verification, snapshots and restoring. */
import { resolve } from 'node:path';
import { definePlugin } from '@filmless/core/plugin';
import { type BackupConfig, configSchema } from './config.ts';
import { openBackup } from './open-backup.ts';
import { openRestore } from './restore/open-restore.ts';
import { PERMISSION } from './routes.ts';

export const backupPlugin = definePlugin<BackupConfig>({
  id: 'backup',
  api: 1,
  title: { 'zh-CN': '备份', en: 'Backup' },
  permissions: [{ id: PERMISSION, title: { 'zh-CN': '管理备份', en: 'Look after backups' }, defaultRoles: ['admin'] }],
  config: configSchema,
  async activate(context) {
    openRestore(context, await openBackup(context), PERMISSION);
    context.points.contribute('Ui', 'backup', {
      slot: 'rail',
      icon: 'backup',
      title: { 'zh-CN': '备份', en: 'Backup' },
      element: 'filmless-backup',
      module: '/plugins/backup/ui.js',
      directory: resolve(import.meta.dirname, '../../../dist/plugins/backup'),
      permission: PERMISSION,
    });
  },
});

export {
  isToBeRebuilt,
  newestConfig,
  newestSnapshot,
  openDisks,
  type RebuiltNode,
  rebuildNode,
  rebuiltAsOf,
} from './restore/rebuild-node.ts';

export default backupPlugin;
