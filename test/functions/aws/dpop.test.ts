// Bound tokens on API Gateway: what the integration and gateway responses get, which refusals may be cached, and what
// the metadata function says. RFC 9449 section 7.1, RFC 9728 section 2.

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildArtefact } from '../../../cli/artefact/build.ts'
import { toThrown } from '../../../functions/aws/answer.ts'
import { createHandler } from '../../../functions/aws/handler.ts'
import { FAILURES, resolveConfig, type FailureCode, type LanekeeperConfig } from '../../../shared/index.ts'
import type { Field } from '../../cases/row.ts'
import { TO_EVENT } from '../../edges/events.ts'
import { openWorkerEdge } from '../../edges/worker-edge.ts'
import { HOST, startDpopWorld, toCaseRequest, type DpopWorld } from '../../support/dpop-world.ts'

const ROOT = join(import.meta.dirname, '../../..')
const WELL_KNOWN = '/.well-known/oauth-protected-resource'

let world: DpopWorld
/** Of a function that may see bound tokens. */
let config: LanekeeperConfig

beforeAll(async () => {
  world = await startDpopWorld()
  config = { ...world.config, aws: { strategy: 'off' } }
})

afterAll(() => world.close())

interface Answer {
  readonly policyDocument: { readonly Statement: readonly { readonly Effect: string }[] }
  readonly context: Readonly<Record<string, string>>
}

async function ask(path: string, fields: readonly Field[], shape: keyof typeof TO_EVENT = 'rest_request') {
  const handler = createHandler(config, {}, { report: () => {} })
  const answer = (await handler(TO_EVENT[shape](toCaseRequest(path, fields)) as never)) as unknown as Answer
  return { effect: answer.policyDocument.Statement[0]!.Effect, context: answer.context }
}

describe('the context', () => {
  test('tells the integration that the token is bound, and nothing of an unbound one', async () => {
    expect(await ask('/orders', await world.boundFields('/orders'))).toMatchObject({
      effect: 'Allow',
      context: { subject: 'user-1', sender: 'dpop' },
    })
    const unbound = await ask('/orders', [['Authorization', `Bearer ${await world.issuer.token()}`]])
    expect(unbound.effect).toBe('Allow')
    expect(unbound.context).not.toHaveProperty('sender')
  })

  test('has the challenges of both schemes on a REST API, with the error in that of DPoP', async () => {
    const { effect, context } = await ask('/write', await world.boundFields('/write'))
    expect([effect, context['code']]).toEqual(['Deny', 'insufficient_scope'])
    expect(context['challenge']).toMatch(
      /^Bearer realm="api", scope="write", DPoP error="insufficient_scope", .*algs="ES256 /,
    )
  })

  test('has the error in that of Bearer for an unbound token', async () => {
    const { context } = await ask('/write', [['Authorization', `Bearer ${await world.issuer.token()}`]])
    expect(context['challenge']).toMatch(/^Bearer realm="api", error="insufficient_scope", .*DPoP scope=/)
  })
})

describe('refusals of bound tokens', () => {
  const codes = (Object.keys(FAILURES) as FailureCode[]).filter((code) =>
    /^(dpop_(?!proof$)|sender_|replay_)/.test(code),
  )

  test('are all there', () => {
    expect(codes.toSorted()).toEqual([
      'dpop_key_mismatch',
      'dpop_nonce_required',
      'dpop_proof_invalid',
      'dpop_proof_missing',
      'dpop_proof_replayed',
      'dpop_proof_unexpected',
      'dpop_scheme_unbound',
      'replay_unavailable',
      'sender_constraint_missing',
      'sender_constraint_unproven',
    ])
  })

  test.each(codes)(
    '%s is thrown where API Gateway caches answers, because a cached one would refuse a good proof',
    (code) => {
      const { aws } = resolveConfig(config)
      const cached = { ...aws, resultTtlSeconds: 300 }
      for (const shape of ['rest_request', 'http_2', 'http_1'] as const)
        expect(
          toThrown({ allow: false, code }, { shape, isDispatchedElsewhere: false }, cached),
        ).toBeInstanceOf(Error)
    },
  )

  test('a refusal that may be cached is returned', () => {
    const { aws } = resolveConfig(config)
    const event = { shape: 'http_2', isDispatchedElsewhere: false } as const
    const cached = { ...aws, resultTtlSeconds: 300 }
    expect(toThrown({ allow: false, code: 'insufficient_scope' }, event, cached)).toBeNull()
  })
})

test('the metadata function says what the Worker says', async () => {
  const out = await mkdtemp(join(tmpdir(), 'lanekeeper-metadata-'))
  const edge = await openWorkerEdge(config)
  try {
    const request = {
      config,
      edge: 'aws',
      stage: '',
      env: {},
      project: ROOT,
      out,
      metrics: null,
    } as const
    await buildArtefact(request)
    const documents = JSON.parse(await readFile(join(out, 'metadata.json'), 'utf8')) as Record<string, object>
    for (const name of ['mixed', 'strict']) {
      const target = `${WELL_KNOWN}/${name}`
      const { response } = await edge.sendRaw({ method: 'GET', target, host: HOST })
      expect(documents[target]).toEqual(JSON.parse(response.body))
      expect(documents[target]).toHaveProperty('dpop_signing_alg_values_supported')
    }
  } finally {
    await Promise.all([edge.close(), rm(out, { recursive: true })])
  }
})
