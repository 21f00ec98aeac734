/** The script of `/embed`, run after the viewer's: joins the viewer on the page with the page above. */
import { type EmbeddedElement, EmbedFrame } from './frame.ts';

const origins = document.querySelector<HTMLMetaElement>('meta[name="filmless-origins"]')?.content ?? '';
const viewer = document.querySelector('filmless-viewer');
if (viewer) new EmbedFrame(viewer as unknown as EmbeddedElement, origins.split(' ').filter(Boolean));
