// A project as docs/deploying.md has a user make it: an empty folder, `npm init`, the packed tarball, and the files of
// that page. Dependencies of the package come from this project's node_modules, so that no registry is contacted.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { exampleFilesOf } from './example-files.ts'

const ROOT = join(import.meta.dirname, '../..')
const BIN = join(ROOT, 'node_modules/.bin')

/** The files of docs/deploying.md by their names. */
export const DEPLOYING = exampleFilesOf('docs/deploying.md')

/** The Node that runs this and, where it is another one, that of the machine, by their versions. */
export const NODES: ReadonlyMap<string, string> = new Map(
  [
    process.execPath,
    ...(process.env['PATH'] ?? '')
      .split(delimiter)
      .filter((folder) => !folder.includes('node_modules'))
      .map((folder) => join(folder, process.platform === 'win32' ? 'node.exe' : 'node'))
      .filter(existsSync)
      .slice(0, 1),
  ].map((node) => [spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim(), node]),
)

export interface Ran {
  readonly status: number | null
  /** Standard output, then standard error. */
  readonly output: string
}

/** Runs a command, with the tools of this project's node_modules first on the path. */
export function runIn(folder: string, command: string, args: readonly string[], env: object = {}): Ran {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: {
      ...process.env,
      PATH: `${BIN}${delimiter}${process.env['PATH'] ?? ''}`,
      NO_COLOR: '1',
      FORCE_COLOR: '0',
      WRANGLER_SEND_METRICS: 'false',
      WRANGLER_HIDE_BANNER: 'true',
      ...env,
    },
  })
  return { status, output: error === undefined ? `${stdout}${stderr}` : String(error) }
}

/** As `runIn`. Throws with the output unless the exit code is 0. */
export function mustRunIn(
  folder: string,
  command: string,
  args: readonly string[],
  env: object = {},
): string {
  const { status, output } = runIn(folder, command, args, env)
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${output}`)
  return output
}

/** Makes the tarball of the package in a folder, and returns its path. */
export function packTarball(folder: string): string {
  mustRunIn(ROOT, 'npm', ['pack', '--silent', '--pack-destination', folder])
  return join(
    folder,
    readdirSync(folder).find((name) => name.endsWith('.tgz'))!,
  )
}

/** `npm init` and `npm install TARBALL` in an empty folder. `tools`: packages that the user has installed, too. */
export function initProject(folder: string, tarball: string, tools: readonly string[] = []): void {
  const modules = join(ROOT, 'node_modules')
  mustRunIn(folder, 'npm', ['init', '-y'])
  const file = join(folder, 'package.json')
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    dependencies: object
  }
  const overrides = Object.fromEntries(
    Object.keys(dependencies).map((name) => [name, `file:${join(modules, name)}`]),
  )
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), overrides }))
  mustRunIn(folder, 'npm', ['install', '--offline', '--silent', '--no-audit', '--no-fund', tarball])
  for (const name of tools) symlinkSync(join(modules, name), join(folder, 'node_modules', name))
}

/** Writes files into a folder. */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
}

/** A function of the user behind the API. It answers with what the authorizer has told it. */
export const ORDERS_FUNCTION = `export const handler = async ({ requestContext }) => ({
  statusCode: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(requestContext.authorizer.lambda),
})
`
