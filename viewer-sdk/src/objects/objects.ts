/** What the bundle of objects runs: says where the SDK's other files lie, and brings the renderers. */
import { setAssetBase } from '../client/asset-base.ts';

// The bundle lies one folder below them.
setAssetBase(new URL('..', import.meta.url).href);

export { contribute } from './contribute.ts';
