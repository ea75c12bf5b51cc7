// Three projects. `unit` needs nothing but its own process and loopback, `edges` runs the Lambda handler and the Worker in
// workerd; in both, time stands still (test/support/still-time.ts). `system` has real processes and real time, one file
// at a time, after the others.

import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'

/** Against tests that hang; none waits for these. Milliseconds. */
export const TIMEOUTS = { testTimeout: 60_000, hookTimeout: 60_000 }

/** A new process for each file would take longer than the tests of most. */
export const STILL = { setupFiles: ['test/support/still-time.ts'], maxWorkers: 2, isolate: false }

/** Every case row through the core takes a few seconds. */
const CORE_ROWS = 'test/edges/core.test.ts'

const project = (
  name: string,
  more: NonNullable<TestProjectInlineConfiguration['test']>,
): TestProjectInlineConfiguration => ({ test: { name, ...TIMEOUTS, ...more } })

export default defineConfig({
  test: {
    projects: [
      project('unit', {
        ...STILL,
        include: ['test/*.test.ts', 'test/{bench,cli,docs,drill,local,shared}/**/*.test.ts', CORE_ROWS],
        sequence: { groupOrder: 1 },
      }),
      project('edges', {
        ...STILL,
        include: ['test/{attacks,edges,functions,fuzz,vectors}/**/*.test.ts'],
        exclude: [CORE_ROWS],
        sequence: { groupOrder: 1 },
      }),
      project('system', {
        include: ['test/system/**/*.test.ts'],
        fileParallelism: false,
        sequence: { groupOrder: 2 },
      }),
    ],
    reporters: ['default', './test/attacks/reporter.ts'],
  },
})
