import { isBuilt } from '../build.ts';
import { type AddCommand, configOf, globalOptions } from '../command-context.ts';
import { openNode } from '../open-node.ts';
import { nextSignal, runUntilSignal } from '../run-until-signal.ts';

export const startCommand: AddCommand = (program) => {
  program
    .command('start')
    .description('start one node and keep it running until SIGTERM')
    .action(async (_options: unknown, command) => {
      const config = await configOf(command);
      const json = globalOptions(command).json ?? false;
      const adminPassword = process.env['FILMLESS_ADMIN_PASSWORD'];
      const node = await openNode(config, {
        ...(adminPassword ? { adminPassword } : {}),
        prettyLog: process.stderr.isTTY && !json,
      });
      const signalled = nextSignal();
      const { host, port, aeTitle } = config.dicom;
      const dicom = node.plugins.isActive('dimse') ? { host, port, aeTitle } : null;
      if (json) {
        console.log(JSON.stringify({ url: node.url, dicom, adminPassword: node.generatedAdminPassword }));
      } else {
        console.log(`Filmless ${node.info.version} "${node.info.name}" at ${node.url}`);
        console.log(dicom ? `DICOM: AE title ${aeTitle} at ${host}:${port}` : 'DICOM: off (see filmless plugin list)');
        if (node.generatedAdminPassword)
          console.log(`First start. Sign in as admin with password ${node.generatedAdminPassword} (shown this once)`);
        if (!isBuilt()) console.log('The web parts are not built: run "npm run build" once.');
      }
      await runUntilSignal([node], signalled);
    });
};
