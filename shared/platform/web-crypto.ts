// The cryptography of every platform, for every key type.

import { KEY_TYPES } from '../keys/key-types/all.ts'
import { createWebCrypto } from './create-web-crypto.ts'
import type { Cryptography } from './ports.ts'

/**
 * `Cryptography` by WebCrypto; the default of `createAuthorizer`. Runs on every platform and defines which signatures
 * are valid: any other `Cryptography` must accept exactly the same.
 */
export const webCrypto: Cryptography = /* @__PURE__ */ createWebCrypto(KEY_TYPES)
