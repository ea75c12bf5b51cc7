// `lanekeeper revoke` in front of the emulator of API Gateway: an answer that API Gateway keeps, and one that a
// function still remembers when it is asked again. The function is a stand-in that asks the table as the Lambda does.

import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { createDynamoDbStore } from '../../../functions/aws/revocation/dynamodb.ts'
import { startApiGateway } from '../../../local/api-gateway/index.ts'
import { createEntryKeys } from '../../../shared/edge.ts'
import { webCrypto, type LanekeeperConfig } from '../../../shared/index.ts'
import { answer, bearer, policyAnswer, send } from '../../local/api-gateway/gateway-fixture.ts'
import { httpTemplate, restTemplate } from '../../local/api-gateway/template-builder.ts'
import { startDynalite, type Dynalite } from '../../support/dynalite.ts'
import { configFor, createProject, ISSUER, NOW, type Project } from './world.ts'

const TTL = 300
const { keyOf } = createEntryKeys(webCrypto)

let dynalite: Dynalite
let project: Project

beforeAll(async () => {
  dynalite = await startDynalite()
})

afterAll(() => dynalite.close())

beforeEach(() => {
  for (const [name, value] of Object.entries(dynalite.env)) vi.stubEnv(name, value)
  project = createProject()
})

afterEach(() => {
  project.remove()
  vi.unstubAllEnvs()
})

async function start(user: string) {
  const store = createDynamoDbStore(
    { table: dynalite.table },
    { maxEntries: 1_000 },
    { now: () => NOW * 1000, crypto: webCrypto },
  )
  /** What the function remembers of the store. */
  let memory: boolean | null = null
  const isRevoked = async () => (await store.find([keyOf('sub', ISSUER, user)]))[0] !== null
  const authorizer = { AuthorizerResultTtlInSeconds: TTL }
  const gateway = await startApiGateway({
    template: {
      Resources: { ...httpTemplate({ authorizer }).Resources, ...restTemplate({ authorizer }).Resources },
    },
    ports: { rest: 0, http: 0, management: 0 },
    invoke: async (name, event) => {
      if (name !== 'Auth') return answer({ statusCode: 200, body: 'backend' })
      memory ??= await isRevoked()
      return answer(
        'version' in Object(event) ? { isAuthorized: !memory } : policyAnswer(memory ? 'Deny' : 'Allow'),
      )
    },
  })
  onTestFinished(() => gateway.close())
  const { url, apis } = gateway.management!
  vi.stubEnv('AWS_ENDPOINT_URL_API_GATEWAY', url)
  vi.stubEnv('AWS_ENDPOINT_URL_APIGATEWAYV2', url)
  const config: LanekeeperConfig = {
    ...configFor('http://127.0.0.1:1', dynalite.table),
    aws: {
      resultTtlSeconds: TTL,
      caches: apis.map(({ kind, id, stage }) =>
        kind === 'rest' ? { restApi: id, stage } : { httpApi: id, stage },
      ),
    },
  }
  return {
    config,
    /** The status of a request to each API. */
    async ask() {
      const urls = [`${gateway.restUrl}/orders`, `${gateway.httpUrl}/orders`].map((text) => new URL(text))
      return Promise.all(
        urls.map(
          async ({ origin, pathname }) => (await send(origin, pathname, { headers: [bearer] })).status,
        ),
      )
    },
    forget: () => void (memory = null),
  }
}

test('a kept answer is removed, and what a function remembered meanwhile is not kept', async () => {
  const { config, ask, forget } = await start('alice')
  project.writeConfig(config)
  expect(await ask()).toEqual([200, 200])
  const between: number[][] = []
  const { exitCode, errors } = await project.run(['revoke', '--sub', 'alice', '--edge', 'aws'], {
    tools: {
      sleep: async () => {
        // The function is asked again and answers from its memory, and API Gateway keeps that for `TTL`.
        between.push(await ask())
        forget()
        between.push(await ask())
      },
    },
  })
  expect([exitCode, errors]).toEqual([0, ''])
  expect(between).toEqual([
    [200, 200],
    [200, 200],
  ])
  expect(await ask()).toEqual([403, 403])
})

test('without aws.caches API Gateway keeps its answer', async () => {
  const { config, ask, forget } = await start('bob')
  project.writeConfig({ ...config, aws: { resultTtlSeconds: TTL } })
  expect(await ask()).toEqual([200, 200])
  expect(await project.run(['revoke', '--sub', 'bob', '--edge', 'aws'])).toMatchObject({ exitCode: 0 })
  forget()
  expect(await ask()).toEqual([200, 200])
})

test('a cache of an API that is not there is exit code 1', async () => {
  const { config, ask, forget } = await start('carol')
  const [first] = config.aws!.caches!
  project.writeConfig({
    ...config,
    aws: { resultTtlSeconds: TTL, caches: [first!, { httpApi: 'other', stage: '$default' }] },
  })
  await ask()
  const { exitCode, errors } = await project.run(['revoke', '--sub', 'carol', '--edge', 'aws'])
  expect([exitCode, errors]).toEqual([
    1,
    expect.stringMatching(/^HTTP API other, stage \$default: .*NotFoundException/),
  ])
  forget()
  expect(await ask()).toEqual([403, 200])
})
