import type { ViewerContext, ViewerContribution } from '../extension/contract.ts';
import { measureCommands } from './commands.ts';
import { DrawTool } from './draw-tool.ts';
import { Grabber } from './grab.ts';
import { MeasureKeys } from './keys.ts';
import { isMeasureTool, MEASURE_TOOLS } from './kinds.ts';
import { MeasureLayer } from './layer.ts';
import { measurePanel } from './panel.ts';
import { ProbeTool } from './probe-tool.ts';
import { MeasureSession } from './session.ts';

export * from './model.ts';

/** Measuring, for one viewer. Its buttons are in `buttons.ts`. */
export function openMeasure(viewer: ViewerContext): ViewerContribution {
  const session = new MeasureSession(viewer);
  const grabber = new Grabber(session);
  const commands = measureCommands(session);
  const keys = new MeasureKeys(session, commands);
  const tools = Object.keys(MEASURE_TOOLS)
    .filter(isMeasureTool)
    .map((id) =>
      id === 'probe' ? new ProbeTool(session) : new DrawTool(session, id, MEASURE_TOOLS[id], id === 'calibrate'),
    );
  return {
    tools,
    commands,
    layers: [new MeasureLayer(session, (layer, pointer) => grabber.grab(layer, pointer))],
    panels: [measurePanel(session)],
    dispose() {
      keys.dispose();
      session.dispose();
    },
  };
}
