import { css, html } from 'lit';
import type { StudyRow } from '../../api/studies.ts';
import { formatDaTm, formatInstant } from '../../format/dates.ts';
import { patientName, sexAge } from '../../format/patient.ts';
import { t } from '../../i18n/index.ts';

export const PRINT_LIMIT = 500;

export const printStyles = css`
  .sheet {
    display: none;
  }
  @media print {
    .sheet {
      display: block;
      color: #000;
      font-size: 9pt;
    }
    .sheet table {
      width: 100%;
      border-collapse: collapse;
    }
    .sheet th,
    .sheet td {
      border-bottom: 0.5pt solid #999;
      padding: 3pt 4pt;
      text-align: left;
      font-variant-numeric: tabular-nums;
    }
    .sheet thead {
      display: table-header-group;
    }
    .sheet tr {
      break-inside: avoid;
    }
  }
`;

/** The list as a plain table for paper. */
export function printSheet(items: readonly StudyRow[], total: number, printedAt: Date) {
  return html`<div class="sheet">
    <h1>${t.list.printTitle}</h1>
    <p>${t.list.printedAt(formatInstant(printedAt.toISOString()), items.length, total)}</p>
    <table>
      <thead>
        <tr>
          <th>${t.list.columnPatient}</th>
          <th>${t.list.columnSexAge}</th>
          <th>${t.list.columnPatientId}</th>
          <th>${t.list.columnAccession}</th>
          <th>${t.list.columnStudyDate}</th>
          <th>${t.list.columnModality}</th>
          <th>${t.list.columnDescription}</th>
          <th>${t.list.columnDepartment}</th>
        </tr>
      </thead>
      <tbody>
        ${items.map(
          (row) => html`<tr>
            <td>${patientName(row).main}</td>
            <td>${sexAge(row)}</td>
            <td>${row.PatientID}</td>
            <td>${row.AccessionNumber}</td>
            <td>${formatDaTm(row.StudyDate, row.StudyTime)}</td>
            <td>${row.modalities.join(', ')}</td>
            <td>${row.StudyDescription}</td>
            <td>${row.department}</td>
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
