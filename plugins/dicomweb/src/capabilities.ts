import type { HttpReply, HttpRequest } from '@filmless/core/plugin';
import { create } from 'xmlbuilder2';
import { type Dicomweb, serviceUrl } from './context.ts';
import { acceptedMedia, chooseMedia } from './media/accept.ts';
import type { RouteDefinition } from './routes.ts';

/** What this service can do, as JSON, or as WADL for clients that ask for XML. @dicom PS3.18 8.9 */
export function capabilities(web: Dicomweb, routes: readonly RouteDefinition[], request: HttpRequest): HttpReply {
  const media = chooseMedia(acceptedMedia(request), [
    { packaging: 'single', mediaType: 'application/dicom+json' },
    { packaging: 'single', mediaType: 'application/json' },
    { packaging: 'single', mediaType: 'application/vnd.sun.wadl+xml' },
    { packaging: 'single', mediaType: 'application/xml' },
  ]);
  const base = serviceUrl(web, request);
  const resources = new Map<string, RouteDefinition[]>();
  for (const route of routes)
    resources.set(templateOf(route.path), [...(resources.get(templateOf(route.path)) ?? []), route]);
  if (media.mediaType.endsWith('xml'))
    return { status: 200, headers: { 'content-type': media.mediaType }, body: wadl(base, resources) };
  const body = {
    resources: { base },
    resource: [...resources].map(([path, methods]) => ({
      path,
      method: methods.map(({ method, summary, produces }) => ({
        name: method,
        doc: summary,
        representation: produces,
      })),
    })),
  };
  return { status: 200, headers: { 'content-type': media.mediaType }, body: JSON.stringify(body) };
}

function wadl(base: string, resources: ReadonlyMap<string, readonly RouteDefinition[]>): string {
  const root = create({ version: '1.0', encoding: 'UTF-8' })
    .ele('application', { xmlns: 'http://wadl.dev.java.net/2009/02' })
    .ele('resources', { base });
  for (const [path, methods] of resources) {
    const resource = root.ele('resource', { path });
    for (const { method, summary, produces } of methods) {
      const element = resource.ele('method', { name: method });
      element.ele('doc').txt(summary);
      const response = element.ele('response');
      for (const mediaType of produces) response.ele('representation', { mediaType });
    }
  }
  return root.end({ prettyPrint: true });
}

/** `/dicom-web/studies/:study` as `studies/{study}`. */
function templateOf(path: string): string {
  return path
    .replace(/^\/dicom-web\/?/, '')
    .replace(/^\//, '../')
    .replace(/[:*](\w+)/g, '{$1}');
}
