// After a test run: how many attacks were tried, and in how many cases. The figures are counted from the tests that
// ran, by the numbers in their titles.

import type { Reporter, TestModule } from 'vitest/node'
import { layOut, paint } from '../../cli/table.ts'
import { ATTACKS } from './register.ts'

interface Tally {
  passed: number
  failed: number
}

function tally(modules: readonly TestModule[]): Map<string, Tally> {
  const tallies = new Map<string, Tally>()
  for (const module of modules) {
    for (const test of module.children.allTests()) {
      const { state } = test.result()
      if (state === 'skipped') continue
      for (const id of new Set(test.fullName.match(/\bA\d{3}\b/g))) {
        const found = tallies.get(id) ?? { passed: 0, failed: 0 }
        if (state === 'passed') found.passed++
        if (state === 'failed') found.failed++
        tallies.set(id, found)
      }
    }
  }
  return tallies
}

export default class AttackReporter implements Reporter {
  readonly whole: boolean

  /** `whole`: lists every attack. */
  constructor({ whole = false }: { readonly whole?: boolean } = {}) {
    this.whole = whole
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const tallies = tally(modules)
    if (tallies.size === 0) {
      if (this.whole) process.stderr.write('No case ran: none matches.\n')
      if (this.whole) process.exitCode = 1
      return
    }
    const tried = ATTACKS.filter(({ id }) => tallies.has(id))
    const count = (name: keyof Tally) => [...tallies.values()].reduce((sum, entry) => sum + entry[name], 0)
    const failed = [...tallies].filter(([, entry]) => entry.failed > 0).map(([id]) => id)
    const rows = ATTACKS.map(({ id, input }) => [
      id,
      input,
      String(tallies.get(id)?.passed ?? 0),
      String(tallies.get(id)?.failed ?? 0),
    ])
    const lines = [
      ...(this.whole ? ['', layOut(['attack', 'input', 'cases right', 'wrong'], rows)] : []),
      '',
      `Attacks: ${tried.length} of ${ATTACKS.length} tried; ${count('passed')} cases right, ${count('failed')} wrong${failed.length === 0 ? '' : `: ${failed.join(' ')}`}.`,
    ]
    process.stdout.write(`${paint(failed.length === 0 ? 'green' : 'red', lines.join('\n'))}\n`)
  }
}
