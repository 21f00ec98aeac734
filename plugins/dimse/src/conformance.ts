import { SOP_CLASS, STORAGE_SOP_CLASSES, TRANSFER_SYNTAXES } from '@filmless/core/plugin';
import type { DimseConfig } from './config.ts';
import { FIND_SOP_CLASSES, GET_SOP_CLASSES, MOVE_SOP_CLASSES } from './services/query-models.ts';

/** Storage SOP classes taken: the standard's, retired ones too, and those the site adds. */
export function acceptedStorageSopClasses(config: DimseConfig): string[] {
  return [...new Set([...STORAGE_SOP_CLASSES.map(({ uid }) => uid), ...config.storage.sopClasses])];
}

/** Any form images come in: what cannot be decoded can still be kept and given back. */
export function acceptedTransferSyntaxes(config: DimseConfig): string[] {
  const known = TRANSFER_SYNTAXES.filter(({ kind }) => kind !== 'other').map(({ uid }) => uid);
  return [...new Set([...known, ...config.storage.transferSyntaxes])];
}

/** What this plugin contributes to CONFORMANCE.md. @dicom PS3.2 */
export function conformance(config: DimseConfig) {
  return {
    id: 'dimse',
    network: {
      maxPduBytes: config.limits.maxPduBytes,
      maxAssociations: config.limits.maxAssociations,
      asynchronousOperations: 'one operation at a time',
      tls: 'where set up, on a port of its own: TLS 1.2 and 1.3 by BCP 195, with certificates of devices (PS3.15 B.12)',
    },
    scp: [
      { service: 'Verification', sopClasses: [SOP_CLASS.Verification] },
      {
        service: 'Storage',
        sopClasses: acceptedStorageSopClasses(config),
        transferSyntaxes: acceptedTransferSyntaxes(config),
      },
      { service: 'Query (C-FIND)', sopClasses: FIND_SOP_CLASSES },
      { service: 'Retrieve (C-MOVE)', sopClasses: MOVE_SOP_CLASSES },
      { service: 'Retrieve (C-GET)', sopClasses: GET_SOP_CLASSES },
      { service: 'Storage Commitment Push Model', sopClasses: [SOP_CLASS.StorageCommitmentPushModel] },
    ],
    scu: [
      { service: 'Verification', sopClasses: [SOP_CLASS.Verification] },
      { service: 'Storage', sopClasses: acceptedStorageSopClasses(config) },
      { service: 'Query (C-FIND)', sopClasses: [SOP_CLASS.StudyRootQueryRetrieveInformationModelFind] },
      { service: 'Retrieve (C-MOVE)', sopClasses: [SOP_CLASS.StudyRootQueryRetrieveInformationModelMove] },
    ],
    choices: [
      'Of the transfer syntaxes of a presentation context the first known is accepted; Explicit VR Little Endian is preferred to other uncompressed ones.',
      'Instances are sent in the transfer syntax they are stored in, byte for byte. Where it is not accepted, Implicit and Explicit VR Little Endian stand in for each other; nothing else is converted, and the sub-operation fails.',
      'Where instances are forwarded by rule, what a device does not take as it is stored goes out in Explicit VR Little Endian, decoded where this node can; what it still does not take is listed with the reason.',
      'A data set that cannot be read, or does not match its command, is answered with a failure and kept in quarantine.',
      'An instance whose SOP Instance UID exists with another data set is answered with success and kept aside for a person to decide.',
      'Queries are relational at every level; the unique keys of the levels above are not required.',
      'Text of responses is in the character set of the device, else in that of the request, else in ISO_IR 192.',
      'The user identity of an association request is read and not used.',
    ],
  };
}
