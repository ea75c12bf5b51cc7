// Loads an ES module as Node does. Vitest replaces `import()` in the modules that it runs, and not here.

'use strict'

module.exports = (url) => import(url)
