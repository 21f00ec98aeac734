import { type AddCommand, withNode } from '../command-context.ts';
import { EXIT } from '../exit-codes.ts';
import { filesBelow, importFiles } from '../import-files.ts';
import { createProgress } from '../progress.ts';

export const importCommand: AddCommand = (program, finish) => {
  program
    .command('import <path...>')
    .description(
      'store DICOM files and folders; what cannot be read is kept in quarantine and listed; exit code 3 when there was any',
    )
    .action((paths: string[], _options, command) =>
      withNode(command, async (node, json) => {
        const counts = { stored: 0, duplicate: 0, conflict: 0, refused: 0, skipped: 0 };
        let total = 0;
        for await (const _ of filesBelow(paths)) total += 1;
        const progress = createProgress('Importing', 'files', json);
        let done = 0;
        const refused: { path: string; code?: string; detail?: string }[] = [];
        for await (const { path, status, code, detail } of importFiles(node, filesBelow(paths))) {
          counts[status] += 1;
          if (status === 'refused') refused.push({ path, ...(code ? { code } : {}), ...(detail ? { detail } : {}) });
          done += 1;
          progress.update(done, total);
        }
        progress.stop();
        if (json) console.log(JSON.stringify({ counts, refused }));
        else {
          for (const { path, code, detail } of refused)
            console.log(`refused  ${path}  ${detail ?? ''} [${code ?? ''}]`);
          console.log(
            `${counts.stored} stored, ${counts.duplicate} already there, ${counts.conflict} kept aside as conflicts, ${counts.refused} refused (in quarantine)`,
          );
        }
        if (counts.refused + counts.conflict > 0) finish(EXIT.findings);
      }),
    );
};
