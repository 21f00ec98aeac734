/** What the ready-made bundles run: says where the other files lie and registers the elements. */
import { setAssetBase } from './client/asset-base.ts';
import { defineElements } from './register.ts';

setAssetBase(import.meta.url);
defineElements();

export * from './index.ts';
