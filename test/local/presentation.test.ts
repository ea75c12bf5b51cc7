// The lines that `npm start` prints for people, with curl commands that show no token in the list of processes.

import { spawnSync } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { generateSigningKey } from '../../local/authorization-server/index.ts'
import { readLocalConfig } from '../../local/local-config.ts'
import { readTemplate } from '../../local/api-gateway/template.ts'
import { localVariables, type LocalRun } from '../../local/local-run.ts'
import type { TourPlan } from '../../local/tour/tour-plan.ts'
import { describe, writeTokens } from '../../local/presentation.ts'
import { httpTemplate } from './api-gateway/template-builder.ts'

const { config } = readLocalConfig(localVariables(4_000, await generateSigningKey('ES256')))
const NAMES = ['read', 'idToken', 'idTokenForApi', 'expired', 'all']
const edge = { title: '', url: 'http://127.0.0.1:1', defaultPath: '/', codes: [] }
const run = {
  edges: { worker: edge, request: edge, token: edge, http: edge },
  ...{ webSocketUrl: '', issuer: '', otherIssuer: '', originUrl: '' },
  tokens: Object.fromEntries(NAMES.map((name) => [name, `secret.token.${name}`])),
} as unknown as LocalRun

/** Has a space in its path, which a shell has to read correctly. */
let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lanekeeper lines-'))
  await writeTokens(run, join(directory, 'tokens'))
  await writeFile(join(directory, 'curl'), '#!/bin/sh\nprintf "%s\\n" "$@"\n')
  await chmod(join(directory, 'curl'), 0o700)
})

afterAll(() => rm(directory, { recursive: true }))

/** The arguments that curl gets from a line. */
function argumentsOf(line: string): string[] {
  const path = `${directory}${delimiter}${process.env['PATH']}`
  const { stdout } = spawnSync('sh', ['-c', line], { env: { PATH: path } })
  return stdout.toString().trimEnd().split('\n')
}

const WHOLE: TourPlan = { edges: ['worker', 'request', 'token', 'http'], hasSockets: true, skipped: [] }
const NONE: TourPlan = { edges: [], hasSockets: false, skipped: ['why'] }
const { worker: _, ...onAws } = run.edges
const { request: _request, token: _token, ...noRest } = run.edges
const lambdaRun: LocalRun = { ...run, edges: onAws, webSocketUrl: null, originUrl: null }

test.each<[string, LocalRun, TourPlan, number]>([
  ['the tour', run, WHOLE, 6],
  ['a part of the tour', { ...run, edges: noRest }, { ...WHOLE, edges: ['http', 'worker'] }, 4],
  ["somebody's own routes", run, NONE, 8],
  ["somebody's own routes, without a Worker", lambdaRun, NONE, 6],
  ['nothing but sockets', { ...lambdaRun, edges: {} }, NONE, 0],
])('the lines for %s give curl a file to read, and no token', async (_, shown, plan, withToken) => {
  const lines = describe(shown, config, plan, join(directory, 'tokens'), null).match(/^ {2}curl .*$/gm) ?? []
  const given = lines.map(argumentsOf)
  expect(given.flat().filter((argument) => argument.includes('secret'))).toEqual([])
  const files = given.flatMap((each) => each.filter((_, at) => each[at - 1] === '-H'))
  expect(files).toHaveLength(withToken)
  for (const file of files) {
    expect(file.startsWith('@')).toBe(true)
    expect(await readFile(file.slice(1), 'utf8')).toMatch(/^Authorization: Bearer secret\.token\.\w+\n$/)
    expect((await stat(file.slice(1))).mode & 0o077).toBe(0)
  }
})

test('an edge that takes no part in the tour has lines of its own, for the paths that it serves', () => {
  const at = (port: number) => ({ ...edge, url: `http://127.0.0.1:${port}` })
  const shown: LocalRun = {
    ...run,
    edges: { worker: at(1), request: at(2), token: at(2), http: at(3) },
  }
  const model = readTemplate(httpTemplate({ routes: ['GET /invoices', 'GET /health open'] }))
  const urlsOf = (plan: TourPlan) => {
    const lines = describe(shown, config, plan, '/t', model).match(/^ {2}curl .*$/gm) ?? []
    return lines.map((line) =>
      line.replace(/^ {2}curl -i (?:-X POST )?(?:-H '@\/t\/(\w+)' )?http:\/\/127.0.0.1:/, '$1 '),
    )
  }
  const ofHttp = ['all 3/health', ' 3/health', 'all 3/invoices', ' 3/invoices']
  expect(urlsOf(NONE)).toEqual([
    ...['all 1/health', 'idToken 1/health', ' 1/health', 'all 1/orders', 'idToken 1/orders', ' 1/orders'],
    ...ofHttp,
  ])
  expect(urlsOf({ ...WHOLE, edges: ['token'] })).toEqual([
    'idTokenForApi 2/invoices',
    ...['all 1/health', ' 1/health', 'all 1/orders', ' 1/orders'],
    ...ofHttp,
  ])
})
