import { mainJobStory } from '../tools/main-job-story.ts';
import { startNode } from '../tools/node-process.ts';

mainJobStory('the main job in a browser', '', async () => {
  const node = await startNode();
  const end = async () => {
    await node.stop();
    await node.remove();
  };
  return { ...node, end };
});
