import type { Fhir, FhirConfig, FhirServices } from './context.ts';
import { PairIds } from './ids.ts';
import { fhirRoutes, ORDER_PERMISSION } from './routes.ts';

export { fhirConfig } from './context.ts';

/** Opens the FHIR side of the bridge: its routes, and the permission to order. */
export function openFhir(services: FhirServices, config: FhirConfig): void {
  if (!config.enabled) return;
  services.points.contribute('Permission', ORDER_PERMISSION, {
    id: ORDER_PERMISSION,
    title: { 'zh-CN': '开立与取消检查申请', en: 'Order examinations and cancel them' },
    defaultRoles: ['registrar', 'service'],
  });
  const fhir: Fhir = { services, config, ids: new PairIds(services.documents) };
  for (const route of fhirRoutes(fhir)) services.points.contribute('HttpRoute', `${route.method} ${route.path}`, route);
}
