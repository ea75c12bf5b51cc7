// AWS Secrets Manager for the tests: a stand-in that speaks the wire protocol of GetSecretValue (AWS JSON 1.1), and
// moto_server, which emulates the whole service, where it is installed. The real SDK calls both.

import {
  CreateSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'

export interface SecretsManager {
  readonly endpoint: string
  /** Makes `value` the current version; the one before becomes AWSPREVIOUS. */
  put(name: string, value: string): Promise<void>
  /** How many requests there were for a value; `null` if that is unknown. */
  readonly reads: () => number | null
  close(): Promise<void>
}

const REGION = 'eu-west-1'

/** The environment of a Lambda for the SDK, with the endpoint of the service in place of AWS. */
export const awsEnvironment = (endpoint: string) => ({
  AWS_REGION: REGION,
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'an access key for a stand-in',
  AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoint,
})

/** Checks that the request is signed for the region of the secret: that of its ARN, or that of the function. */
function isSigned(authorization: string, id: string): boolean {
  const region = /^arn:aws:secretsmanager:([^:]+):/.exec(id)?.[1] ?? REGION
  return new RegExp(
    `^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/\\d{8}/${region}/secretsmanager/aws4_request, SignedHeaders=[^ ]+, Signature=[0-9a-f]{64}$`,
  ).test(authorization)
}

export async function startStandIn(): Promise<SecretsManager> {
  const stored = new Map<string, { AWSCURRENT: string; AWSPREVIOUS?: string }>()
  let reads = 0
  const server = createServer(async (request, response) => {
    const answer = (status: number, body: object) =>
      response
        .writeHead(status, {
          'content-type': 'application/x-amz-json-1.1',
          'x-amzn-requestid': crypto.randomUUID(),
        })
        .end(JSON.stringify(body))
    const body = JSON.parse(await text(request)) as {
      SecretId: string
      VersionStage?: 'AWSCURRENT' | 'AWSPREVIOUS'
    }
    const { headers, method, url } = request
    const isWellFormed =
      method === 'POST' &&
      url === '/' &&
      headers['content-type'] === 'application/x-amz-json-1.1' &&
      headers['x-amz-target'] === 'secretsmanager.GetSecretValue' &&
      isSigned(headers.authorization ?? '', body.SecretId)
    if (!isWellFormed)
      return answer(400, { __type: 'InvalidRequestException', Message: 'not as it should be' })
    reads++
    const SecretString = stored.get(body.SecretId)?.[body.VersionStage ?? 'AWSCURRENT']
    return SecretString === undefined
      ? answer(400, {
          __type: 'ResourceNotFoundException',
          Message: "Secrets Manager can't find the specified secret.",
        })
      : answer(200, { Name: body.SecretId, SecretString, VersionStages: ['AWSCURRENT'] })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async put(name, AWSCURRENT) {
      const before = stored.get(name)?.AWSCURRENT
      stored.set(name, { AWSCURRENT, ...(before === undefined ? {} : { AWSPREVIOUS: before }) })
    },
    reads: () => reads,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

/** `command`: path of moto_server. */
export async function startMoto(command: string): Promise<SecretsManager> {
  const finder = createServer()
  await once(finder.listen(0, '127.0.0.1'), 'listening')
  const { port } = finder.address() as AddressInfo
  await new Promise((resolve) => finder.close(resolve))
  const child = spawn(command, ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' })
  const endpoint = `http://127.0.0.1:${port}`
  const isUp = () =>
    fetch(`${endpoint}/moto-api/`).then(
      ({ ok }) => ok,
      () => false,
    )
  while (!(await isUp())) {
    if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode}`)
    await sleep(100)
  }
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = awsEnvironment(endpoint)
  const client = new SecretsManagerClient({
    endpoint,
    region: REGION,
    credentials: { accessKeyId, secretAccessKey },
  })
  const known = new Set<string>()
  return {
    endpoint,
    async put(name, value) {
      if (known.has(name))
        await client.send(new PutSecretValueCommand({ SecretId: name, SecretString: value }))
      else await client.send(new CreateSecretCommand({ Name: name, SecretString: value }))
      known.add(name)
    },
    reads: () => null,
    close: async () => {
      client.destroy()
      child.kill()
      await once(child, 'exit')
    },
  }
}
