// The projects of docs/migrating: `lanekeeper check` finds that configuration and deployment file fit each other.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { ROOT } from '../../cli/build.ts'
import { runCommand } from '../../cli/commands.ts'
import { createCommandIo } from '../support/command-io.ts'
import { exampleFilesOf } from '../support/example-files.ts'
import { writeFiles } from '../support/hand-made-project.ts'

/** osls is slow on a busy machine. */
vi.setConfig({ testTimeout: 240_000 })

let directory: string

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'lanekeeper-migrating-'))
})

afterAll(() => rmSync(directory, { recursive: true }))

/** A Worker that imports the package finds this project. */
function linkPackages(project: string): void {
  mkdirSync(join(project, 'node_modules'))
  for (const name of ['hono', 'osls', 'wrangler'])
    symlinkSync(join(ROOT, 'node_modules', name), join(project, 'node_modules', name))
  const reexport = (file: string) => `export * from ${JSON.stringify(join(ROOT, file))}\n`
  writeFiles(join(project, 'node_modules/lanekeeper'), {
    'package.json':
      '{ "type": "module", "exports": { ".": "./index.ts", "./cloudflare": "./cloudflare.ts" } }',
    'index.ts': reexport('shared/index.ts'),
    'cloudflare.ts': reexport('functions/cloudflare/worker.ts'),
  })
}

/** The files "after" of a page, with one of its deployment files. */
function makeProject(page: string, deployment: string): string {
  const project = mkdtempSync(join(directory, 'project-'))
  const examples = exampleFilesOf(`docs/migrating/${page}.md`)
  const files = Object.entries(examples).filter(([name]) => !/ with |^serverless/.test(name))
  writeFiles(project, {
    ...Object.fromEntries(files),
    [deployment.replace(/ with .*$/, '')]: examples[deployment]!,
  })
  linkPackages(project)
  return project
}

async function run(project: string, ...args: string[]) {
  const { io, kept } = createCommandIo({ cwd: project, env: process.env })
  const exitCode = await runCommand(args, io)
  return { exitCode, output: [...kept.printed, ...kept.errors].join('\n') }
}

test.each([
  ['api-gateway-jwt', 'serverless.yml'],
  ['api-gateway-jwt', 'serverless.yml with a REST API'],
  ['aws-jwt-verify', 'serverless.yml'],
  ['aws-jwt-verify', 'serverless.yml with both'],
  ['express-oauth2-jwt-bearer', 'wrangler.toml'],
  ['hono-jwk', 'wrangler.toml'],
])('%s.md, %s: fits the configuration', async (page, deployment) => {
  const project = makeProject(page, deployment)
  if (page !== 'hono-jwk') expect(await run(project, 'build')).toMatchObject({ exitCode: 0 })
  const { exitCode, output } = await run(project, 'check')
  expect(exitCode, output).toBe(0)
  expect(output).not.toContain('warning')
  expect(output.includes('Compared with serverless.yml')).toBe(deployment.startsWith('serverless'))
})

test('a rule that is left out does not fit', async () => {
  const project = makeProject('aws-jwt-verify', 'serverless.yml')
  const config = readFileSync(join(project, 'lanekeeper.config.ts'), 'utf8')
  writeFiles(project, { 'lanekeeper.config.ts': config.replace(/^.*'POST'.*\n/m, '') })
  const { exitCode, output } = await run(project, 'check')
  expect([exitCode, output]).toEqual([1, expect.stringContaining('POST /orders')])
})

test('api-gateway-jwt.md, serverless.yml with both: names the routes that have not moved yet, and no other', async () => {
  const project = makeProject('api-gateway-jwt', 'serverless.yml with both')
  expect(await run(project, 'build')).toMatchObject({ exitCode: 0 })
  const { exitCode, output } = await run(project, 'check')
  expect(exitCode).toBe(1)
  const problems = [
    ...output.matchAll(/^problem: HTTP route ([^:]+): is decided by JWT without Lanekeeper/gm),
  ]
  expect(problems.map(([, route]) => route)).toEqual(['GET /orders', 'POST /orders'])
  expect(output.match(/^problem: /gm)).toHaveLength(problems.length)
})
