// What `npm run deploy:*` would upload: the bundle of wrangler, the zip and the CloudFormation of osls, built
// for real and compared with what the configuration and the README promise.

import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { unstable_readConfig } from 'wrangler'
import config from '../../lanekeeper.config.ts'
import { unpackDeploymentPackage } from '../../functions/local/api-gateway/index.ts'
import { buildEdges, ROOT, type Build } from '../../functions/local/build.ts'
import { createRouteTable } from '../../shared/routes/route-table.ts'
import { resolveConfig } from '../../shared/index.ts'

interface Resource {
  readonly Type: string
  readonly Properties: Record<string, unknown>
}

let directory: string
let build: Build
let resources: Record<string, Resource>

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lanekeeper-deployment-'))
  build = await buildEdges(directory, new AbortController().signal)
  resources = JSON.parse(await readFile(build.template, 'utf8')).Resources
})

afterAll(() => rm(directory, { recursive: true }))

const ofType = (type: string) => Object.values(resources).filter((resource) => resource.Type === type)

describe('AWS', () => {
  test('functions run on Node 24 with little memory, a short timeout and logs that end', () => {
    const functions = ofType('AWS::Lambda::Function')
    expect(functions.map(({ Properties: { Runtime, Handler } }) => [Runtime, Handler])).toEqual([
      ['nodejs24.x', 'dist/lambda/authorizer.handler'],
      ['nodejs24.x', 'dist/lambda/authorizer.handler'],
      ['nodejs24.x', 'dist/lambda/authorizer.handler'],
      ['nodejs24.x', 'dist/lambda/orders.handler'],
    ])
    for (const { Properties } of functions) expect(Properties['Timeout']).toBeLessThan(10)
    for (const { Properties } of ofType('AWS::Logs::LogGroup')) expect(Properties['RetentionInDays']).toBe(30)
  })

  test('no answer of an authorizer is kept, and where one can be, method and path are part of its key', () => {
    const rest = Object.fromEntries(
      ofType('AWS::ApiGateway::Authorizer').map(({ Properties }) => [Properties['Type'], Properties]),
    )
    expect(rest['TOKEN']).toMatchObject({
      AuthorizerResultTtlInSeconds: 0,
      IdentitySource: 'method.request.header.Authorization',
    })
    expect(rest['REQUEST']).toMatchObject({
      AuthorizerResultTtlInSeconds: 0,
      IdentitySource: 'method.request.header.Authorization, context.httpMethod, context.path',
    })
    expect(ofType('AWS::ApiGatewayV2::Authorizer').map(({ Properties }) => Properties)).toMatchObject([
      {
        AuthorizerResultTtlInSeconds: 0,
        AuthorizerPayloadFormatVersion: '2.0',
        EnableSimpleResponses: true,
        IdentitySource: ['$request.header.Authorization', '$context.httpMethod', '$context.path'],
      },
    ])
  })

  test('every route of the HTTP API has a rule, and only public ones go without the authorizer', () => {
    const resolved = resolveConfig(config, { stage: 'production' })
    const table = createRouteTable(resolved.routes, resolved.limits.maxPathBytes)
    const routes = ofType('AWS::ApiGatewayV2::Route').map(({ Properties }) => Properties)
    expect(routes.length).toBeGreaterThan(3)
    for (const { RouteKey, AuthorizationType } of routes) {
      const [method = '', path = ''] = String(RouteKey).split(' ')
      const rule = table.match(method, path.replace(/\{[^}]+\}/g, 'x'))
      expect([RouteKey, 'code' in rule]).toEqual([RouteKey, false])
      if (!('code' in rule))
        expect([RouteKey, AuthorizationType === 'CUSTOM']).toEqual([RouteKey, rule.demand !== null])
    }
  })

  test('methods of the REST API go without an authorizer only where the rule is public', () => {
    const open = ofType('AWS::ApiGateway::Method').filter(
      ({ Properties }) => Properties['AuthorizationType'] !== 'CUSTOM',
    )
    expect(open.map(({ Properties }) => Properties['ResourceId'])).toEqual([
      { Ref: 'ApiGatewayResourceHealth' },
    ])
  })

  test('the configuration says what the gateway keeps, as it is set', () => {
    const kept = [...ofType('AWS::ApiGateway::Authorizer'), ...ofType('AWS::ApiGatewayV2::Authorizer')].map(
      ({ Properties }) => Properties['AuthorizerResultTtlInSeconds'],
    )
    expect(Math.max(...(kept as number[]))).toBe(
      resolveConfig(config, { stage: 'production' }).aws.resultTtlSeconds,
    )
  })

  test('the zip holds the two bundles, and the SDK in chunks that nothing reads at the start', async () => {
    const code = join(directory, 'code')
    await unpackDeploymentPackage(build.archive, code)
    const authorizer = await readFile(join(code, 'dist/lambda/authorizer.mjs'), 'utf8')
    expect((await stat(join(code, 'dist/lambda/orders.mjs'))).isFile()).toBe(true)
    expect(gzipSync(authorizer).length).toBeLessThan(45_000)
    const orders = await readFile(join(code, 'dist/lambda/orders.mjs'), 'utf8')
    const atStart = [authorizer, orders].flatMap((text) =>
      [...text.matchAll(/(?:from|import)"\.\/(chunks\/[^"]+)"/g)].map(([, name]) => name!),
    )
    for (const name of new Set(atStart)) {
      const chunk = await readFile(join(code, 'dist/lambda', name), 'utf8')
      expect([name, chunk.length < 500, /import|aws/i.test(chunk)]).toEqual([name, true, false])
    }
    const chunks = await readdir(join(code, 'dist/lambda/chunks'))
    expect(chunks.filter((name) => name.startsWith('secrets-manager'))).toHaveLength(1)
    expect(authorizer).toMatch(/import\("\.\/chunks\/secrets-manager/)
    for (const name of ['hono', '@aws-sdk', 'oidc-provider', 'miniflare'])
      expect(authorizer).not.toContain(name)
  })
})

describe('Cloudflare', () => {
  test('the bundle holds no Node module and nothing of AWS', async () => {
    const script = await readFile(build.workerScript, 'utf8')
    for (const name of ['node:', 'aws-lambda', 'execute-api', 'oidc-provider', 'aws-sdk', 'AWSCURRENT'])
      expect(script).not.toContain(name)
    expect(script).toContain('cloudflare:workers')
    expect(script).not.toMatch(/passThroughOnException\s*\(/)
  })

  test('nothing that could let a request past the Worker is switched on', () => {
    const settings = unstable_readConfig({ config: join(ROOT, 'wrangler.toml') }) as unknown as Record<
      string,
      unknown
    >
    expect(settings['workers_dev']).toBe(false)
    expect(settings['compatibility_flags']).toContain('global_fetch_strictly_public')
    expect(settings['cache']).toBeUndefined()
  })
})
