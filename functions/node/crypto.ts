// `Ports.crypto` by node:crypto. Quicker than WebCrypto, and accepts exactly the same;
// test/functions/node/crypto.test.ts compares the two. The Lambda verifies synchronously, and a server
// in the thread pool: docs/adr/0001 and 0002.

import type { KeyObject } from 'node:crypto'
import { webCrypto, type Cryptography } from '../../shared/index.ts'
import type { AlgorithmName } from './algorithms/algorithm.ts'
import { createNodeCryptoSync, hmacSha256, sha256 } from './create-crypto.ts'
import { ED } from './algorithms/ed.ts'
import { ES } from './algorithms/es.ts'
import { PS } from './algorithms/ps.ts'
import { RS } from './algorithms/rs.ts'

/** No import: that would read every export of the module, which takes a while. */
const { verify } = process.getBuiltinModule('node:crypto')

/**
 * The `crypto` of a process that decides one request at a time, such as a Lambda: `node:crypto`, synchronous, on the
 * thread of the caller. It accepts exactly the signatures that `webCrypto` accepts. In a server it blocks all requests
 * while it verifies: use `nodeCryptoAsync` there.
 */
export const nodeCryptoSync: Cryptography = /* @__PURE__ */ createNodeCryptoSync({
  ...RS,
  ...PS,
  ...ES,
  ...ED,
})

const isEcdsa = (algorithm: AlgorithmName): boolean => Object.hasOwn(ES, algorithm)

/**
 * The `crypto` of a server with many concurrent requests: the thread pool verifies signatures. ECDSA uses
 * `node:crypto`, which is quicker there; every other algorithm uses WebCrypto, which is as quick. It accepts exactly
 * the signatures that `webCrypto` accepts.
 *
 * @example
 * ```ts
 * import { createAuthorizer } from 'lanekeeper'
 * import { nodeCryptoAsync } from 'lanekeeper/node'
 * import config from './lanekeeper.config.ts'
 *
 * const ports = { fetch, now: Date.now, report: console.log, crypto: nodeCryptoAsync }
 * const authorizer = createAuthorizer(config, ports)
 * ```
 */
export const nodeCryptoAsync: Cryptography = {
  hmacSha256,
  sha256,
  importKey: (jwk, algorithm) =>
    isEcdsa(algorithm) ? nodeCryptoSync.importKey(jwk, algorithm) : webCrypto.importKey(jwk, algorithm),
  importSpki: (der, algorithm) =>
    (isEcdsa(algorithm) ? nodeCryptoSync : webCrypto).importSpki!(der, algorithm),
  verify(algorithm, key, jwsSignature, signingInput) {
    if (!isEcdsa(algorithm)) return webCrypto.verify(algorithm, key, jwsSignature, signingInput)
    const { hash, toSignature } = ES[algorithm]!
    const signature = toSignature!(jwsSignature)
    if (signature === null) return false
    return new Promise((resolve, reject) => {
      verify(hash, signingInput, key as KeyObject, signature, (error, isGood) =>
        error === null ? resolve(isGood) : reject(error),
      )
    })
  },
}

/** The same cryptography under its old name. It warns when it imports its first key. */
function renamed(oldName: string, name: string, crypto: Cryptography): Cryptography {
  let isWarned = false
  return {
    ...crypto,
    importKey(jwk, algorithm) {
      if (!isWarned)
        process.emitWarning(
          `${oldName} is called ${name} now; the old name goes away in 0.3.0`,
          'DeprecationWarning',
        )
      isWarned = true
      return crypto.importKey(jwk, algorithm)
    },
  }
}

/**
 * The old name of `nodeCryptoSync`.
 *
 * @deprecated It goes away in 0.3.0.
 */
export const nodeCryptoAtOnce: Cryptography = /* @__PURE__ */ renamed(
  'nodeCryptoAtOnce',
  'nodeCryptoSync',
  nodeCryptoSync,
)

/**
 * The old name of `nodeCryptoAsync`.
 *
 * @deprecated It goes away in 0.3.0.
 */
export const nodeCryptoInPool: Cryptography = /* @__PURE__ */ renamed(
  'nodeCryptoInPool',
  'nodeCryptoAsync',
  nodeCryptoAsync,
)
