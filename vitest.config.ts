// Three test projects. `unit` needs only its own process and loopback. `edges` runs the Lambda handler, and the Worker
// in workerd. In both, time stands still (test/support/still-time.ts). `system` runs after them, with real processes
// and real time, one file at a time.

import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'

/** Time limits in milliseconds for a test that hangs. No test depends on them. */
export const TIMEOUTS = { testTimeout: 60_000, hookTimeout: 60_000 }

/** `isolate: false`, because a new process for each file would take longer than the tests in most files. */
export const STILL_TIME = { setupFiles: ['test/support/still-time.ts'], maxWorkers: 2, isolate: false }

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
        ...STILL_TIME,
        include: ['test/*.test.ts', 'test/{bench,cli,docs,drill,local,shared}/**/*.test.ts', CORE_ROWS],
        sequence: { groupOrder: 1 },
      }),
      project('edges', {
        ...STILL_TIME,
        include: ['test/{attacks,dpop-mutants,edges,functions,fuzz,mtls-mutants,vectors}/**/*.test.ts'],
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
