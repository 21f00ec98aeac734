/**
 * The viewer SDK as a library: classes, events, types. Importing it registers no element; `define.ts` does.
 */
export { setAssetBase } from './client/asset-base.ts';
export type { TokenProvider } from './client/authorized-fetch.ts';
export type { JsonDataset, JsonElement } from './dicom/json.ts';
export type { DoctorOptions } from './doctor/doctor.ts';
export type { DoctorReport, Finding, FindingState } from './doctor/report.ts';
export { FilmlessViewer } from './elements/viewer.ts';
export { VIEWER_ERRORS, ViewerError, type ViewerErrorCode } from './errors.ts';
export * from './events/index.ts';
export type * from './extension/contract.ts';
export type { ViewerPluginModule, ViewerSdk } from './extension/plugins.ts';
export { registerViewerExtension } from './extension/registry.ts';
export { DEFAULT_LOCALE, type MessageKey, type Messages, registerMessages } from './i18n/index.ts';
export { type ModuleTexts, moduleTranslator, registerModuleMessages } from './i18n/module.ts';
export { defineElements } from './register.ts';
export type { FilmlessReport } from './report/report.ts';
export { type Theme, TOKENS, type TokenName, tokenDeclarations } from './tokens.css.ts';
