/**
 * Writes CONFORMANCE.md from what the shipped plugins say of themselves: `npm run conformance`. With `--check` it only compares.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  IMPLEMENTATION_CLASS_UID,
  IMPLEMENTATION_VERSION_NAME,
  SOP_CLASS,
  STORAGE_SOP_CLASSES,
  TRANSFER_SYNTAXES,
} from '@filmless/core/plugin';
import { conformance as dicomweb } from '@filmless/plugin-dicomweb';
import { conformance as dimse, dimsePlugin } from '@filmless/plugin-dimse';
import { programDirectory } from './open-node.ts';

const names = new Map<string, string>([
  ...Object.entries(SOP_CLASS).map(([name, uid]): [string, string] => [uid, name.replace(/(?<=[a-z])(?=[A-Z])/g, ' ')]),
  ...STORAGE_SOP_CLASSES.map(({ uid, name }): [string, string] => [uid, name]),
  ...TRANSFER_SYNTAXES.map(({ uid, name }): [string, string] => [uid, name]),
]);
const list = (uids: readonly string[]) => uids.map((uid) => `| ${names.get(uid) ?? ''} | ${uid} |`).join('\n');

/** The document, from the plugins' defaults. @dicom PS3.2 */
export function conformanceStatement(): string {
  const { network, scp, scu, choices } = dimse(dimsePlugin.config.parse({}));
  const storage = scp.find(({ service }) => service === 'Storage');
  const services = (side: typeof scp | typeof scu) =>
    side
      .map(
        ({ service, sopClasses }) =>
          `| ${service} | ${service === 'Storage' ? 'see below' : sopClasses.join('<br>')} |`,
      )
      .join('\n');
  const web = dicomweb();
  return `# DICOM conformance

Made by \`npm run conformance\` from what the plugins contribute, with their default settings; a test fails when it is out of date.

| | |
|---|---|
| Implementation Class UID | ${IMPLEMENTATION_CLASS_UID} |
| Implementation Version Name | ${IMPLEMENTATION_VERSION_NAME} |
| Maximum PDU announced | ${network.maxPduBytes} bytes |
| Associations at once | ${network.maxAssociations} |
| Asynchronous operations | ${network.asynchronousOperations} |
| TLS | ${network.tls} |

## Services as SCP

| service | SOP classes |
|---|---|
${services(scp)}

## Services as SCU

| service | SOP classes |
|---|---|
${services(scu)}

## Our choices

${choices.map((choice) => `- ${choice}`).join('\n')}

## DICOMweb

| method | path | what | media types |
|---|---|---|---|
${web.routes.map(({ method, path, summary, produces }) => `| ${method} | \`${path}\` | ${summary} | ${produces.join('<br>')} |`).join('\n')}

${web.choices.map((choice) => `- ${choice}`).join('\n')}

## Storage SOP classes

| name | UID |
|---|---|
${list(storage?.sopClasses ?? [])}

## Transfer syntaxes

Kept as they come and given back as they came.

| name | UID |
|---|---|
${list((storage && 'transferSyntaxes' in storage && storage.transferSyntaxes) || [])}
`;
}

if (import.meta.main) {
  const path = join(programDirectory, 'CONFORMANCE.md');
  const text = conformanceStatement();
  if (!process.argv.includes('--check')) writeFileSync(path, text);
  else if (readFileSync(path, 'utf8') !== text) {
    console.error('CONFORMANCE.md is out of date: run npm run conformance');
    process.exitCode = 1;
  }
}
