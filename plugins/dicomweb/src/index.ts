import { definePlugin, disposable, EXPLICIT_VR_LITTLE_ENDIAN } from '@filmless/core/plugin';
import { type DicomwebConfig, dicomwebConfig } from './config.ts';
import { instanceConverter } from './convert/instance-converter.ts';
import { openDicomweb } from './open-dicomweb.ts';
import { httpRoutes } from './routes.ts';

/** QIDO-RS, WADO-RS, STOW-RS and WADO-URI. @dicom PS3.18 */
export default definePlugin<DicomwebConfig>({
  id: 'dicomweb',
  api: 1,
  title: { 'zh-CN': 'DICOMweb 服务', en: 'DICOMweb' },
  config: dicomwebConfig,
  activate(context) {
    const { web, prepareSeries } = openDicomweb(context);
    for (const [key, route] of httpRoutes(web)) context.points.contribute('HttpRoute', key, route);
    context.points.contribute('InstanceConverter', EXPLICIT_VR_LITTLE_ENDIAN, instanceConverter(web));
    context.hooks.after('instance.stored', 'prepare-series', async (records) => prepareSeries.stored(records), {
      from: 'now',
    });
    context.onDispose(disposable(() => web.pool.close()));
    context.onDispose(disposable(() => prepareSeries.dispose()));
    web.pool.warmUp();
  },
});

export { conformance } from './conformance.ts';
