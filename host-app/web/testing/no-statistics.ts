/**
 * First import of every test of elements: Vaadin's components gather usage statistics when they find themselves in development mode,
 * unless the page has already said that it is not.
 */
Object.assign(globalThis, { Vaadin: { developmentMode: false } });
