import { html, nothing } from 'lit';
import type { StudyRow } from '../../api/studies.ts';
import type { DataColumn } from '../../components/data-grid.ts';
import { modalityBadges } from '../../components/modality-badges.ts';
import { formatDaTm, formatInstant } from '../../format/dates.ts';
import { formatBytes, formatCount } from '../../format/figures.ts';
import { patientName, sexAgeShort } from '../../format/patient.ts';
import { t } from '../../i18n/index.ts';

/** On ward PCs the list shows fewer columns until more are chosen. */
const NARROW_PX = 1500;

/** Columns of the study list. `isNew` tells which rows carry the dot of a live arrival. */
export function studyColumns(isNew: (studyInstanceUid: string) => boolean): DataColumn<StudyRow>[] {
  const text = (value: string) => html`<span title=${value}>${value}</span>`;
  return [
    {
      key: 'patient',
      header: () => t.list.columnPatient,
      width: 160,
      fixed: true,
      sort: 'PatientName',
      render: (row) => {
        const name = patientName(row);
        return html`<span class="patient" title=${`${name.main} ${name.other}`.trim()}>
          ${isNew(row.StudyInstanceUID) ? html`<span class="dot" role="img" aria-label=${t.list.newStudy} title=${t.list.newStudy}></span>` : nothing}<b>${name.main || t.common.unnamedPatient}</b>${name.other ? html`<span class="other">${name.other}</span>` : nothing}
        </span>`;
      },
    },
    { key: 'sexAge', header: () => t.list.columnSexAge, width: 84, render: (row) => sexAgeShort(row) },
    { key: 'patientId', header: () => t.list.columnPatientId, width: 90, render: (row) => text(row.PatientID) },
    { key: 'accession', header: () => t.list.columnAccession, width: 126, render: (row) => text(row.AccessionNumber) },
    {
      key: 'studyDate',
      header: () => t.list.columnStudyDate,
      width: 142,
      sort: 'StudyDate',
      render: (row) => formatDaTm(row.StudyDate, row.StudyTime),
    },
    {
      key: 'modality',
      header: () => t.list.columnModality,
      width: 86,
      render: (row) => modalityBadges(row.modalities, 2),
    },
    {
      key: 'description',
      header: () => t.list.columnDescription,
      width: 130,
      grow: true,
      render: (row) => text(row.StudyDescription),
    },
    {
      key: 'bodyPart',
      header: () => t.list.columnBodyPart,
      width: 90,
      hidden: true,
      render: (row) => text(row.bodyParts.join(', ')),
    },
    { key: 'department', header: () => t.list.columnDepartment, width: 84, render: (row) => text(row.department) },
    {
      key: 'physician',
      header: () => t.list.columnPhysician,
      width: 96,
      hidden: true,
      render: (row) => text(row.ReferringPhysicianName.split('^').join(' ').trim()),
    },
    {
      key: 'series',
      header: () => t.list.columnSeries,
      width: 60,
      align: 'end',
      hidden: true,
      render: (row) => formatCount(row.seriesCount),
    },
    {
      key: 'images',
      header: () => t.list.columnImages,
      width: 58,
      align: 'end',
      render: (row) => formatCount(row.instanceCount),
    },
    {
      key: 'size',
      header: () => t.list.columnSize,
      width: 84,
      align: 'end',
      hidden: true,
      render: (row) => formatBytes(row.sizeBytes),
    },
    {
      key: 'received',
      header: () => t.list.columnReceived,
      width: 142,
      hidden: window.innerWidth < NARROW_PX,
      sort: 'receivedAt',
      render: (row) => formatInstant(row.receivedAt),
    },
  ];
}
