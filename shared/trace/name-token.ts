// The name of a token in the log, by the configured key of the fingerprints (`log.fingerprintKey`).

import { createLoadedKey } from '../audit/fingerprint-key.ts'
import { createFingerprint } from '../audit/fingerprint.ts'
import type { Cryptography } from '../platform/ports.ts'

const REF = { env: 'FINGERPRINT_KEY' } as const

/** `key`: the text of the secret. `null`: it is no such key, which has 32 characters or more. */
export async function nameToken(token: string, key: string, crypto: Cryptography): Promise<string | null> {
  const ports = {
    crypto,
    fetch: () => Promise.reject(new TypeError('nothing is fetched')),
    now: () => 0,
    report: () => {},
    secrets: async () => key,
  }
  const fingerprint = createFingerprint(REF, ports, createLoadedKey)
  const loading: Promise<unknown>[] = []
  fingerprint.prepare((work) => void loading.push(work))
  await Promise.all(loading)
  return fingerprint.nameOf(token) ?? null
}
