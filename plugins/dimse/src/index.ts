/** DICOM over the network: associations, C-ECHO, C-STORE, C-FIND, C-MOVE, C-GET and Storage Commitment, and the devices that speak them. */
import { definePlugin } from '@filmless/core/plugin';
import { dimseSender } from './client/instance-sender.ts';
import { configSchema, type DimseConfig } from './config.ts';
import { Devices } from './devices.ts';
import { deviceRoutes } from './devices-routes.ts';
import { RETRIEVE_JOB, retrieveJob } from './jobs/retrieve-job.ts';
import { SEND_JOB, sendJob } from './jobs/send-job.ts';
import { NodeSide } from './node-side.ts';
import { VERIFY_PERMISSION } from './receive/session.ts';
import { COMMITMENT_JOB, COMMITMENT_PERMISSION, commitmentJob } from './services/storage-commitment.ts';

export { conformance } from './conformance.ts';

export const dimsePlugin = definePlugin<DimseConfig>({
  id: 'dimse',
  api: 1,
  title: { 'zh-CN': 'DICOM 网络', en: 'DICOM network' },
  permissions: [
    { id: VERIFY_PERMISSION, title: { 'zh-CN': '验证连接', en: 'Verify the connection' }, defaultRoles: ['device'] },
    {
      id: COMMITMENT_PERMISSION,
      title: { 'zh-CN': '请求存储确认', en: 'Ask for storage commitment' },
      defaultRoles: ['device'],
    },
  ],
  config: configSchema,
  async activate(context) {
    const { config, points, security } = context;
    const devices = await Devices.open(config.devices, context.documents, context.log);
    context.onDispose(devices);
    const node = new NodeSide(context, devices);
    const { open, ownAeTitle } = node;
    const query = () => context.query;
    const storage = () => context.storage;
    const delivery = () => context.delivery;
    points.contribute('Job', SEND_JOB, sendJob({ devices, open, query, delivery, security }));
    points.contribute('Job', RETRIEVE_JOB, retrieveJob({ devices, open, ownAeTitle }));
    points.contribute(
      'Job',
      COMMITMENT_JOB,
      commitmentJob({
        ownAeTitle,
        records: (uids) => context.catalogue.getMany(uids),
        storage,
        reportOnAssociation: (...report) => node.reportEvent(...report),
        device: (aeTitle) => devices.get(aeTitle),
        open,
      }),
    );
    points.contribute('InstanceSender', 'dimse', dimseSender({ devices, open, delivery, points }));
    for (const route of deviceRoutes({ devices, open, jobs: () => context.jobs, query })) {
      points.contribute('HttpRoute', `${route.method} ${route.path}`, route);
    }
    points.contribute('HealthCheck', 'dimse', node.healthCheck());
    context.onDispose(node);
    await node.start();
    context.log.info(
      { aeTitle: ownAeTitle, host: config.host, port: node.port, accept: config.accept },
      'Listening for DICOM associations',
    );
  },
});
