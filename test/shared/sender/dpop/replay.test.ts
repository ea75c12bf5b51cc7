// The memory of the instance alone. The store of `strong` routes: store-check.test.ts.

import { expect, test } from 'vitest'
import type { ResolvedDpop } from '../../../../shared/config/config.ts'
import { webCrypto } from '../../../../shared/index.ts'
import { createDeadline } from '../../../../shared/platform/deadline.ts'
import { createReplayCheck } from '../../../../shared/sender/dpop/replay.ts'

const NOW = 1_900_000_000
const SETTINGS = { replay: { memoryBytes: 65_536 } } as ResolvedDpop
const PROOF = { thumbprint: 'k', jti: 'j', until: NOW + 330 }

const ports = { fetch, crypto: webCrypto, now: () => NOW * 1_000, report: () => {} }

function openInstance() {
  const check = createReplayCheck(SETTINGS, ports, undefined)
  return (proof: Partial<typeof PROOF> = {}, route: { readonly replay?: 'strong' } = {}) =>
    check({ ...PROOF, ...proof }, route, NOW, createDeadline(ports, undefined))
}

test('a proof passes once in each instance', async () => {
  const [one, other] = [openInstance(), openInstance()]
  expect(await one()).toBeNull()
  expect(await one()).toEqual({ code: 'dpop_proof_replayed', detail: { seen_by: 'instance' } })
  expect(await other()).toBeNull()
})

test('another jti is another proof, and so is the same jti of another key', async () => {
  const check = openInstance()
  expect(await check()).toBeNull()
  expect(await check({ jti: 'j2' })).toBeNull()
  expect(await check({ thumbprint: 'k2' })).toBeNull()
  expect(await check({ jti: 'j2', thumbprint: 'k2' })).toBeNull()
  expect(await check({ jti: 'j2' })).toMatchObject({ code: 'dpop_proof_replayed' })
})

test('without the part for the store no proof passes on a strong route', async () => {
  await expect(openInstance()({}, { replay: 'strong' })).rejects.toThrow(TypeError)
})
