import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildOurs, bundlePlan } from '../../bench/artefacts.ts'
import { SMALLEST, WEIGHED } from '../../bench/configurations.ts'
import { buildHandler } from '../../bench/lambda/build.ts'
import { compileFor } from '../../shared/compiler.ts'
import { AWS_EDGE } from '../../functions/aws/compile.ts'
import { CLOUDFLARE_EDGE } from '../../functions/cloudflare/compile.ts'

let directory: string

beforeAll(async () => void (directory = await mkdtemp(join(tmpdir(), 'lanekeeper-bench-test-'))))
afterAll(() => rm(directory, { recursive: true }))

test('the bench starts the artefact of `lanekeeper build`, with the plan in it', async () => {
  const { file, compiled, startBytes } = await buildOurs(SMALLEST, 'aws', join(directory, 'ours'))
  const text = await readFile(file, 'utf8')
  expect(text).toContain(compiled.plan.hash)
  expect(Buffer.byteLength(text)).toBe(startBytes)
  const { handler } = await import(/* @vite-ignore */ pathToFileURL(file).href)
  expect(handler).toBeTypeOf('function')
})

test('another handler is bundled and minified by the same function', async () => {
  const file = await buildHandler('empty', 'empty.ts', directory)
  expect((await readFile(file, 'utf8')).trim()).not.toContain('\n')
  const { handler } = await import(/* @vite-ignore */ pathToFileURL(file).href)
  expect(await handler()).toEqual({ isAuthorized: true })
})

test('a Worker with another start has the plan and the parts of the artefact', async () => {
  const { compiled, parts } = await buildOurs(SMALLEST, 'cloudflare', join(directory, 'worker'))
  const file = join(directory, 'planned.js')
  await bundlePlan(SMALLEST, file, { start: 'planned-decision.ts', minify: false })
  const text = await readFile(file, 'utf8')
  expect(text).toContain(compiled.plan.hash)
  for (const { path } of parts) expect(text).toContain(`// ${path}.ts`)
  expect(text).toContain('// bench/workerd/planned-decision.ts')
  expect(text).not.toContain('// functions/cloudflare/planned-worker.ts')
})

const FEATURES = WEIGHED.filter(({ config, metrics }) => config !== SMALLEST && metrics === undefined)

test.each(FEATURES)('$name: a good configuration that brings a part of its own', ({ config, edge }) => {
  const partsWith = (given: typeof config): string[] =>
    (edge === 'cloudflare'
      ? compileFor(CLOUDFLARE_EDGE, given, { stage: '', env: {} }, true)
      : compileFor(AWS_EDGE, given, { stage: '', env: {} }, true)
    ).parts.map(({ name }) => name)
  expect(partsWith(config).filter((name) => !partsWith(SMALLEST).includes(name))).not.toEqual([])
})
