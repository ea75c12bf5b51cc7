// A step of `npm run test:deploy`: SAM's own translator (aws-sam-translator, PyPI) and `lanekeeper check --template` agree
// about SAM templates: the source and the translator's output have the same findings.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SAM_CONFIG, withoutPlaces } from '../cli/template/sam-findings.ts'
import { ROOT } from '../../cli/build.ts'

const FIXTURES = join(ROOT, 'test/cli/template/fixtures')

function mustRun(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 64_000_000,
  })
  if (error !== undefined || status === null || status > 1)
    throw new Error(`${command}: ${error?.message ?? stderr}`)
  return stdout
}

function findingsOf(file: string, folder: string): readonly string[] {
  const args = [join(ROOT, 'cli/lanekeeper.ts'), 'check', '--edge', 'aws', '--json', '--template', file]
  const document: any = JSON.parse(mustRun(process.execPath, args, folder))
  return withoutPlaces(
    document.files.flatMap((each: any) =>
      each.findings.map(({ severity, subject, message }: any) => `${severity}: ${subject}: ${message}`),
    ),
  )
}

/**
 * `python`: a Python that has `aws-sam-translator`. `sources`: further templates of SAM. Returns what was compared.
 *
 * @throws {Error} With the findings that differ.
 */
export function compareWithTranslator(python: string, sources: readonly string[] = []): string {
  const folder = mkdtempSync(join(tmpdir(), 'lanekeeper-sam-'))
  try {
    writeFileSync(join(folder, 'lanekeeper.config.js'), `export default ${JSON.stringify(SAM_CONFIG)}`)
    const fixtures = readdirSync(FIXTURES).filter((name) => /^sam-.*\.yaml$/.test(name))
    const all = [...fixtures.map((name) => join(FIXTURES, name)), ...sources]
    const processed = JSON.parse(
      mustRun(python, [join(FIXTURES, 'translate-sam.py'), ...all], folder),
    ) as object
    let count = 0
    for (const [source, template] of Object.entries(processed)) {
      // Findings name the file, so both have one name.
      const name = join(folder, 'template.yaml')
      writeFileSync(name, readFileSync(source))
      const ours = findingsOf(name, folder)
      writeFileSync(name, JSON.stringify(template))
      const theirs = findingsOf(name, folder)
      const differing = [
        ...ours.filter((text) => !theirs.includes(text)).map((text) => `source alone: ${text}`),
        ...theirs.filter((text) => !ours.includes(text)).map((text) => `translated alone: ${text}`),
      ]
      if (differing.length > 0) throw new Error(`${source}\n${differing.join('\n')}`)
      count += ours.length
    }
    return `${all.length} templates, ${count} findings`
  } finally {
    rmSync(folder, { recursive: true })
  }
}

if (import.meta.filename === process.argv[1]) {
  const [, , python = 'python3', ...sources] = process.argv
  console.log(compareWithTranslator(python, sources))
}
