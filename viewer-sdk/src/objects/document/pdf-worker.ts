/** The half of PDF.js that reads documents, as a file of the SDK's own. */
import 'pdfjs-dist/build/pdf.worker.mjs';
