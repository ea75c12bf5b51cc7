// `npm run attacks`: the attacks alone, each with its number of cases.

import { defineConfig } from 'vitest/config'
import everything from '../../vitest.config.ts'

export default defineConfig({
  test: {
    ...everything.test,
    include: ['test/{attacks,doors}/**/*.test.ts'],
    reporters: [['./test/attacks/reporter.ts', { whole: true }]],
  },
})
