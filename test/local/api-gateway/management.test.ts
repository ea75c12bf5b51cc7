// The operations that remove cached answers, as the clients of the AWS SDK call them: one stage of one API each.

import { APIGatewayClient, FlushStageAuthorizersCacheCommand } from '@aws-sdk/client-api-gateway'
import { ApiGatewayV2Client, ResetAuthorizersCacheCommand } from '@aws-sdk/client-apigatewayv2'
import { expect, onTestFinished, test } from 'vitest'
import { startApiGateway } from '../../../local/api-gateway/index.ts'
import { answer, bearer, policyAnswer, send } from './gateway-fixture.ts'
import { httpTemplate, restTemplate } from './template-builder.ts'

async function start(hasManagement = true) {
  let calls = 0
  const gateway = await startApiGateway({
    template: {
      Resources: {
        ...httpTemplate({ authorizer: { AuthorizerResultTtlInSeconds: 300 } }).Resources,
        ...restTemplate({ authorizer: { AuthorizerResultTtlInSeconds: 300 } }).Resources,
      },
    },
    ports: { rest: 0, http: 0, ...(hasManagement && { management: 0 }) },
    invoke: async (name, event) => {
      if (name !== 'Auth') return answer({ statusCode: 200, body: 'backend' })
      calls++
      return answer('version' in Object(event) ? { isAuthorized: true } : policyAnswer('Allow'))
    },
  })
  onTestFinished(() => gateway.close())
  const settings = {
    endpoint: gateway.management?.url ?? '',
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'an access key for a stand-in' },
    maxAttempts: 1,
  }
  /** Whether a request to each API calls the authorizer. */
  async function isAsked() {
    const asked: boolean[] = []
    for (const url of [`${gateway.restUrl}/orders`, `${gateway.httpUrl}/orders`]) {
      const before = calls
      const { origin, pathname } = new URL(url)
      expect((await send(origin, pathname, { headers: [bearer] })).status).toBe(200)
      asked.push(calls > before)
    }
    return asked
  }
  const [rest, http] = gateway.management?.apis ?? []
  const flushRest = (restApiId = rest?.id, stageName = rest?.stage) =>
    new APIGatewayClient(settings).send(new FlushStageAuthorizersCacheCommand({ restApiId, stageName }))
  const flushHttp = (ApiId = http?.id, StageName = http?.stage) =>
    new ApiGatewayV2Client(settings).send(new ResetAuthorizersCacheCommand({ ApiId, StageName }))
  return { gateway, isAsked, rest, http, flushRest, flushHttp }
}

test('each removes the answers of its own API', async () => {
  const { isAsked, rest, http, flushRest, flushHttp } = await start()
  expect([rest, http]).toEqual([
    { kind: 'rest', id: expect.any(String), stage: 'local' },
    { kind: 'http', id: expect.any(String), stage: '$default' },
  ])
  expect(await isAsked()).toEqual([true, true])
  expect(await isAsked()).toEqual([false, false])
  expect((await flushRest()).$metadata.httpStatusCode).toBe(202)
  expect(await isAsked()).toEqual([true, false])
  expect((await flushHttp()).$metadata.httpStatusCode).toBe(204)
  expect(await isAsked()).toEqual([false, true])
})

test('another API or another stage is not found, and no answer is removed', async () => {
  const { isAsked, rest, http, flushRest, flushHttp } = await start()
  await isAsked()
  for (const call of [
    () => flushRest('other'),
    () => flushRest(rest!.id, 'other'),
    () => flushRest(http!.id, http!.stage),
    () => flushHttp('other'),
    () => flushHttp(http!.id, 'other'),
    () => flushHttp(rest!.id, rest!.stage),
  ])
    await expect(call()).rejects.toMatchObject({ name: 'NotFoundException' })
  expect(await isAsked()).toEqual([false, false])
})

test('other requests are not found, and without the port nothing listens', async () => {
  const { gateway, isAsked, rest } = await start()
  await isAsked()
  const path = `/restapis/${rest!.id}/stages/local/cache/authorizers`
  for (const [method, target] of [
    ['GET', path],
    ['DELETE', `${path}/more`],
    ['DELETE', '/'],
  ] as const)
    expect((await fetch(`${gateway.management!.url}${target}`, { method })).status).toBe(404)
  expect(await isAsked()).toEqual([false, false])
  expect((await start(false)).gateway.management).toBeUndefined()
})
