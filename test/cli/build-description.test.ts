// `lanekeeper build --edge aws` writes the description of its Lambda beside the folder, and nothing more into it.

import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runCommand } from '../../cli/commands.ts'
import { createCommandIo } from '../support/command-io.ts'

const CONFIG = `export default {
  issuers: { main: {
    issuer: 'https://login.example.com',
    audience: 'https://api.example.com',
    profile: 'rfc9068',
    keys: { discovery: 'openid-configuration' },
  } },
  routes: [{ path: '/orders', methods: ['GET'], scope: { allOf: ['orders:read'] } }],
  resources: [{ identifier: 'https://api.example.com' }],
  aws: { strategy: 'off' },
  stages: { production: {}, staging: {} },
}
`

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lanekeeper-description-'))
  writeFileSync(join(folder, 'lanekeeper.config.mjs'), CONFIG)
})

afterAll(() => rmSync(folder, { recursive: true }))

async function build(...args: string[]) {
  const { io, kept } = createCommandIo({ cwd: folder })
  const status = await runCommand(['build', ...args], io)
  return { status, printed: kept.printed.join('\n'), errors: kept.errors }
}

const read = (name: string) => readFileSync(join(folder, name), 'utf8')
const filesIn = (name: string) => readdirSync(join(folder, name)).toSorted()

test('beside the folder, with the plan that is printed and the digest of each file', async () => {
  const { status, printed, errors } = await build('--edge', 'aws', '--stage', 'production')
  expect([status, errors]).toEqual([0, []])
  expect(filesIn('dist')).toEqual(['lambda', 'lambda.json'])
  expect(filesIn('dist/lambda')).toEqual(['authorizer.mjs', 'metadata.json', 'metadata.mjs'])
  const { version, plan, stage, files, handlers, metadataPaths } = JSON.parse(read('dist/lambda.json'))
  expect([version, plan, stage]).toEqual([1, /^plan ([\w-]{12}), /m.exec(printed)![1], 'production'])
  const digest = (name: string) =>
    createHash('sha256')
      .update(read(`dist/lambda/${name}`))
      .digest('base64url')
  expect(files).toEqual(Object.fromEntries(filesIn('dist/lambda').map((name) => [name, digest(name)])))
  expect(handlers).toEqual({ authorizer: 'authorizer.handler', metadata: 'metadata.handler' })
  expect(metadataPaths).toEqual(['/.well-known/oauth-protected-resource'])
})

test('--out says where, --json names it, and the same input has the same bytes', async () => {
  const { printed } = await build('--edge', 'aws', '--stage', 'production', '--out', 'other', '--json')
  const { edges } = JSON.parse(printed)
  expect(edges.map(({ folder, description }: Record<string, string>) => [folder, description])).toEqual([
    ['other/lambda', 'other/lambda.json'],
  ])
  expect(read('other/lambda.json')).toBe(read('dist/lambda.json'))
  await build('--edge', 'aws', '--stage', 'staging', '--out', 'other')
  expect(JSON.parse(read('other/lambda.json')).stage).toBe('staging')
})

test('only the Lambda has one', async () => {
  await build('--edge', 'cloudflare', '--stage', 'production', '--out', 'worker')
  expect(existsSync(join(folder, 'worker/worker.json'))).toBe(false)
  expect(existsSync(join(folder, 'worker/lambda.json'))).toBe(false)
})
