// The configuration of `npm run attacks`: the attack tests alone, each with its number of cases.

import { defineConfig } from 'vitest/config'
import { STILL_TIME, TIMEOUTS } from '../../vitest.config.ts'

export default defineConfig({
  test: {
    ...TIMEOUTS,
    ...STILL_TIME,
    include: ['test/{attacks,edges}/**/*.test.ts'],
    reporters: [['./test/attacks/reporter.ts', { whole: true }]],
  },
})
