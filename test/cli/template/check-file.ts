// `lanekeeper check --template` on templates in memory or in a file, for tests: the findings as lines, without stages.

import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { CheckDocument } from '../../../cli/check-document.ts'
import { runCommand } from '../../../cli/commands.ts'
import type { LanekeeperConfig } from '../../../shared/index.ts'
import { createCommandIo } from '../../support/command-io.ts'

const FIXTURES = join(import.meta.dirname, 'fixtures')

export const readFixture = (name: string): string => readFileSync(join(FIXTURES, name), 'utf8')

export const CONFIG = {
  issuers: {
    main: {
      issuer: 'https://login.example.com',
      audience: 'https://api.example.com',
      profile: 'rfc9068',
      keys: { discovery: 'openid-configuration' },
    },
  },
  routes: [{ path: '/orders', methods: ['GET'], scope: { allOf: ['orders:read'] } }],
  aws: { resultTtlSeconds: 0 },
} satisfies LanekeeperConfig

export interface Checked {
  readonly exitCode: number
  /** `severity: subject: message`. */
  readonly findings: readonly string[]
  /** Everything that was printed. */
  readonly text: string
}

/** Files by name; the first one is the template, unless `args` name others. */
export async function checkFiles(
  files: Readonly<Record<string, unknown>>,
  config: LanekeeperConfig = CONFIG,
  args: readonly string[] = ['--template', Object.keys(files)[0]!],
): Promise<Checked> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'lanekeeper-check-template-')))
  onTestFinished(() => rmSync(root, { recursive: true }))
  writeFileSync(join(root, 'lanekeeper.config.js'), `export default ${JSON.stringify(config)}`)
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(root, basename(name)), typeof content === 'string' ? content : JSON.stringify(content))
  const printed: string[] = []
  const print = (text: string) => void printed.push(text)
  const { io } = createCommandIo({ cwd: root, print, printError: print })
  const exitCode = await runCommand(['check', '--edge', 'aws', '--json', ...args], io)
  const text = printed.join('\n')
  let findings: string[] = []
  if (text.startsWith('{'))
    findings = (JSON.parse(text) as CheckDocument).files.flatMap((file) =>
      file.findings.map(({ severity, subject, message }) => `${severity}: ${subject}: ${message}`),
    )
  return { exitCode, findings, text }
}
