// `lanekeeper check --template`: a packaged template in place of serverless.yml.

import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { CheckDocument } from '../../cli/check-document.ts'
import { runCommand } from '../../cli/commands.ts'
import { httpTemplate, type Resources } from '../local/api-gateway/template-builder.ts'
import { createCommandIo } from '../support/command-io.ts'

let root: string

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'lanekeeper-template-')))
})

afterEach(() => rmSync(root, { recursive: true }))

const CONFIG = {
  issuers: {
    main: {
      issuer: 'https://login.example.com',
      audience: 'https://api.example.com',
      profile: 'rfc9068',
      keys: { discovery: 'openid-configuration' },
      senderConstraint: 'mtls',
    },
  },
  routes: [{ path: '/orders', methods: ['GET'], scope: 'none' }],
  aws: { strategy: 'off' },
}

async function check(config: object, template: unknown, ...args: readonly string[]) {
  writeFileSync(join(root, 'lanekeeper.config.js'), `export default ${JSON.stringify(config)}`)
  const text = typeof template === 'string' ? template : JSON.stringify(template)
  writeFileSync(join(root, 'Orders.template.json'), text)
  const printed: string[] = []
  const print = (text: string) => void printed.push(text)
  const { io } = createCommandIo({ cwd: root, print, printError: print })
  const exitCode = await runCommand(['check', '--template', 'Orders.template.json', ...args], io)
  return { exitCode, text: printed.join('\n') }
}

function withClosed(isClosed: boolean) {
  const { Resources } = httpTemplate({ authorizer: { AuthorizerResultTtlInSeconds: 0 } })
  const { Http, ...others } = Resources
  const api = { ...Http!, Properties: { ...Http!.Properties, DisableExecuteApiEndpoint: isClosed } }
  const permission = {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      Action: 'lambda:InvokeFunction',
      FunctionName: { Ref: 'Auth' },
      Principal: 'apigateway.amazonaws.com',
      SourceArn: {
        'Fn::Sub': 'arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Http}/authorizers/*',
      },
    },
  }
  const closed: Resources = { ...others, Http: api, Permission: permission }
  return { Resources: closed }
}

test('is compared in a project without serverless.yml, under its own name', async () => {
  const { exitCode, text } = await check(CONFIG, withClosed(false))
  expect(exitCode).toBe(1)
  expect(text).toContain('problem: HTTP API Http: has its default execute-api endpoint open')
  expect(text).toContain('Compared with Orders.template.json as it would be deployed to: production.')
  expect(text).not.toMatch(/Compared with serverless\.yml|There is neither/)
  expect((await check(CONFIG, withClosed(true))).exitCode).toBe(0)
})

test('is a file of the JSON document', async () => {
  const { exitCode, text } = await check(CONFIG, withClosed(false), '--json')
  const { ok, stages, files } = JSON.parse(text) as CheckDocument
  expect([exitCode, ok]).toEqual([1, false])
  expect(stages).toMatchObject([{ name: null, cloudflare: 'left out', aws: 'ok', problems: [] }])
  expect(files.map(({ file, findings }) => [file, findings.map(({ severity }) => severity)])).toEqual([
    ['Orders.template.json', expect.arrayContaining(['problem', 'note'])],
  ])
})

test('is compared in place of serverless.yml', async () => {
  writeFileSync(join(root, 'serverless.yml'), 'service: *nobody\n')
  expect((await check(CONFIG, withClosed(true))).exitCode).toBe(0)
})

test('is of one stage', async () => {
  const stages = { one: {}, two: {} }
  const names = { Variables: { LANEKEEPER_STAGE: 'two' } }
  const { Resources } = withClosed(true)
  const auth = { ...Resources['Auth']!, Properties: { ...Resources['Auth']!.Properties, Environment: names } }
  const template = { Resources: { ...Resources, Auth: auth } }
  expect(await check({ ...CONFIG, stages }, template)).toEqual({
    exitCode: 2,
    text: '--template is the template of one stage; name it with --stage.',
  })
  expect((await check({ ...CONFIG, stages }, template, '--stage', 'two')).exitCode).toBe(0)
  const { exitCode, text } = await check({ ...CONFIG, stages }, template, '--stage', 'one')
  expect(exitCode).toBe(1)
  expect(text).toContain('is deployed to the stage one with LANEKEEPER_STAGE two')
})

test.each<[what: string, template: unknown, message: RegExp]>([
  ['text', 'no template', /has no Resources, so it is no template\.$/],
  [
    'no YAML',
    'a: b: c',
    /is no YAML: Nested mappings are not allowed in compact mappings at line 1, column 4\.$/,
  ],
  ['no template', { resources: {} }, /has no Resources, so it is no template\.$/],
])('%s ends the command with 2', async (_, template, message) => {
  const { exitCode, text } = await check(CONFIG, template)
  expect([exitCode, text]).toEqual([2, expect.stringMatching(message)])
})

test('a file that is not there ends the command with 2', async () => {
  expect(await check(CONFIG, withClosed(true), '--template', 'Other.json')).toEqual({
    exitCode: 2,
    text: '--template Other.json: cannot be read.',
  })
})
